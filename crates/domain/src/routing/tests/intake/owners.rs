//! CODEOWNERS of GitHub and GitLab.

use super::*;

#[test]
fn code_owners_of_github() {
    let owners = Owners::parse(
        "# comment\n*       @global\n*.js    @js # inline\n/build/logs/ @ops\ndocs/*  docs@example.com\n\
         apps/   @apps\n/apps/github\n**/cart/**/price.py @money @ada\n/a\\ b.py @space\n",
    );
    for (path, expected) in [
        ("README", "@global"),
        ("src/x.js", "@js"),
        ("build/logs/a/b.txt", "@ops"),
        ("src/build/logs/a.txt", "@global"),
        ("docs/start.md", "docs@example.com"),
        ("docs/deep/start.md", "@global"),
        ("src/apps/x.py", "@apps"),
        ("apps/github/x.py", ""),
        ("lib/cart/v2/price.py", "@money @ada"),
        ("lib/cart/price.py", "@money @ada"),
        ("a b.py", "@space"),
        ("./src//x.js", "@js"),
    ] {
        assert_eq!(owners.field(path), expected, "{path}");
    }
    let owned = owners.of("src/x.js").unwrap();
    assert_eq!(owned.reason, "@js by CODEOWNERS line 3 \"*.js\"");
    assert_eq!(owners.skipped, [0_usize; 0]);
}

#[test]
fn code_owners_of_gitlab() {
    let owners = Owners::parse(
        "* @all\n[Docs] @writers\n*.md\nREADME.md @lead\n^[Data][2] @dba\n/db/\n!/db/seed/\n\
         [DOCS]\nguide.md @guides\n[ab]*.rs @pattern\n",
    );
    for (path, expected) in [
        ("x.md", "@all @writers"),
        ("README.md", "@all @lead"),
        ("db/schema.sql", "@all @dba"),
        ("db/seed/x.sql", "@all"),
        ("guide.md", "@all @guides"),
    ] {
        let mut expected: Vec<&str> = expected.split(' ').collect();
        let owners = owners.field(path);
        let mut found: Vec<&str> = owners.split(' ').collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_hostile_code_owners_file_is_bounded() {
    let stars = format!("{} @a\n", "*a".repeat(200));
    let owners = Owners::parse(&(stars + &"x @b\n".repeat(crate::limits::OWNERS_LINES + 5)));
    assert_eq!(owners.skipped.len(), 6);
    let long = "a".repeat(500) + "b";
    assert_eq!(owners.field(&long), "");
    let deep = Owners::parse(&format!("{} @a\n", "/**/a".repeat(100)));
    assert_eq!(deep.field(&"a/".repeat(250)), "@a");
    assert_eq!(deep.field(&"b/".repeat(250)), "");
}

//! From the path in a stack to the path in a repository, and how such rules are found.

use std::collections::BTreeMap;

/// In stacks of one project, paths that begin with `stack_prefix` are files below `source_prefix`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Repository.
    pub repository_id: i64,
    /// Beginning of the path in the stack; may be empty.
    pub stack_prefix: String,
    /// Beginning of the path in the repository; may be empty.
    pub source_prefix: String,
}

/// A rule that would explain some of the stack's paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Beginning in the stack.
    pub stack_prefix: String,
    /// Beginning in the repository.
    pub source_prefix: String,
    /// Paths of the stack that it explains.
    pub match_count: usize,
}

/// Paths in stacks carry the wrapping of bundlers and containers; this takes off what is never part
/// of a repository.
pub fn tidy(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path
        .strip_prefix("webpack:///")
        .or_else(|| path.strip_prefix("webpack-internal:///"))
        .or_else(|| path.strip_prefix("app:///"))
        .or_else(|| path.strip_prefix("file://"))
        .unwrap_or(&path);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = path.trim_start_matches("(app-pages-browser)/");
    path.trim_start_matches("./").to_owned()
}

/// The repository path by the mapping with the longest fitting prefix. A prefix fits at a border
/// between segments only: `src/app` is no prefix of `src/apple.ts`.
pub fn map(mappings: &[Mapping], path: &str) -> Option<(i64, String)> {
    let path = tidy(path);
    let fits = |mapping: &&Mapping| {
        let prefix = mapping.stack_prefix.as_str();
        path.strip_prefix(prefix)
            .is_some_and(|rest| prefix.is_empty() || prefix.ends_with('/') || rest.starts_with('/'))
    };
    let mapping = mappings
        .iter()
        .filter(fits)
        .max_by_key(|mapping| mapping.stack_prefix.len())?;
    let rest = path.strip_prefix(&mapping.stack_prefix)?;
    let rest = rest.trim_start_matches('/');
    let source = mapping.source_prefix.trim_end_matches('/');
    let joined = if source.is_empty() {
        rest.to_owned()
    } else {
        format!("{source}/{rest}")
    };
    Some((mapping.repository_id, joined))
}

/// Segments that two paths must share at their ends before that says anything.
const SHARED_SEGMENTS: usize = 2;

/// Proposes rules: for each path of a stack, the file of the repository with the longest equal end;
/// what is left in front of both is the rule. A path that several files fit equally well says
/// nothing. Best first.
pub fn propose<'a>(
    stack_paths: impl IntoIterator<Item = &'a str>,
    repository_paths: &[String],
) -> Vec<Proposal> {
    let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in repository_paths {
        by_name.entry(last(path)).or_default().push(path);
    }
    let mut found: BTreeMap<(String, String), usize> = BTreeMap::new();
    for path in stack_paths {
        let path = tidy(path);
        let same_name = by_name.get(last(&path)).map_or(&[][..], Vec::as_slice);
        let mut best: Option<(usize, &str)> = None;
        let mut is_unclear = false;
        for file in same_name {
            let shared = shared_segments(&path, file);
            match best {
                Some((most, _)) if shared < most => {}
                Some((most, _)) if shared == most => is_unclear = true,
                _ => {
                    best = Some((shared, file));
                    is_unclear = false;
                }
            }
        }
        let Some((shared, file)) = best else {
            continue;
        };
        let whole = shared == file.split('/').count();
        if is_unclear || (shared < SHARED_SEGMENTS && !whole) {
            continue;
        }
        let rule = (front(&path, shared), front(file, shared));
        *found.entry(rule).or_insert(0) += 1;
    }
    let mut proposals: Vec<Proposal> = found
        .into_iter()
        .map(|((stack_prefix, source_prefix), match_count)| Proposal {
            stack_prefix,
            source_prefix,
            match_count,
        })
        .collect();
    proposals.sort_by_key(|proposal| std::cmp::Reverse(proposal.match_count));
    proposals
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn shared_segments(one: &str, other: &str) -> usize {
    one.rsplit('/')
        .zip(other.rsplit('/'))
        .take_while(|(mine, theirs)| mine == theirs)
        .count()
}

/// What stands before the last `count` segments, with its slash; empty when nothing does.
fn front(path: &str, count: usize) -> String {
    let segments: Vec<&str> = path.split('/').collect();
    let kept = segments.len().saturating_sub(count);
    let front = segments.get(..kept).unwrap_or_default().join("/");
    if front.is_empty() && !path.starts_with('/') {
        front
    } else {
        format!("{front}/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(stack_prefix: &str, source_prefix: &str) -> Mapping {
        Mapping {
            repository_id: 7,
            stack_prefix: stack_prefix.to_owned(),
            source_prefix: source_prefix.to_owned(),
        }
    }

    #[test]
    fn a_path_is_mapped_by_the_longest_prefix_at_a_border() {
        let rules = [
            mapping("", ""),
            mapping("/app/", "services/pay/"),
            mapping("/app/lib", "lib"),
        ];
        let cases = [
            ("/app/src/cart.py", "services/pay/src/cart.py"),
            ("/app/lib/money.py", "lib/money.py"),
            ("/app/library/x.py", "services/pay/library/x.py"),
            ("src/cart.py", "src/cart.py"),
            ("webpack:///./src/a.ts?1f2e", "src/a.ts"),
            ("app:///src\\win.ts", "src/win.ts"),
        ];
        for (path, expected) in cases {
            let mapped = map(&rules, path);
            assert_eq!(mapped, Some((7, expected.to_owned())), "{path}");
        }
        assert_eq!(map(&[mapping("src/app", "x")], "src/apple.ts"), None);
    }

    #[test]
    fn proposals_come_from_equal_ends() {
        let files: Vec<String> = [
            "services/pay/src/cart.py",
            "services/pay/src/money.py",
            "services/web/src/index.ts",
            "services/api/src/index.ts",
            "setup.py",
        ]
        .map(str::to_owned)
        .to_vec();
        let stack = [
            "/app/src/cart.py",
            "/app/src/money.py",
            "/x/src/index.ts",
            "/usr/lib/os.py",
        ];
        let proposals = propose(stack, &files);
        let expected = Proposal {
            stack_prefix: "/app/".to_owned(),
            source_prefix: "services/pay/".to_owned(),
            match_count: 2,
        };
        assert_eq!(
            proposals,
            [expected],
            "two files named index.ts fit equally well"
        );
        {
            let (from, to) = ("/app/src/cart.py", "services/pay/src/cart.py");
            let rule = mapping(&proposals[0].stack_prefix, &proposals[0].source_prefix);
            assert_eq!(map(&[rule], from).unwrap().1, to);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_proposal_maps_what_it_was_made_from(
            front in "(/[a-z]{1,3}){0,3}", source in "([a-z]{1,3}/){0,3}",
            tail in "[a-z]{4,6}/[a-z]{4,6}\\.rs",
        ) {
            let stack = if front.is_empty() { tail.clone() } else { format!("{front}/{tail}") };
            let file = format!("{source}{tail}");
            let proposals = propose([stack.as_str()], std::slice::from_ref(&file));
            let proposal = proposals.first().unwrap();
            let rule = mapping(&proposal.stack_prefix, &proposal.source_prefix);
            proptest::prop_assert_eq!(map(&[rule], &stack).unwrap().1, file);
        }
    }
}

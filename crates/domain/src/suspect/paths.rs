//! How near two paths are: by whole segments, counted from the end.

use super::number;
use super::weights::NAME_ONLY;

/// A frame's path as it is compared: forward slashes, nothing in front.
pub(super) fn tidy(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.trim_start_matches("./").trim_matches('/');
    path.to_owned()
}

/// The path that a module of dots stands for, without an extension: `a.b.C$D` is `a/b/C`.
pub(super) fn of_module(module: &str) -> Option<String> {
    let outer = module.split(['$', '<', '(']).next()?;
    let path = outer.replace("::", "/").replace('.', "/");
    let path = path.trim_matches('/');
    (!path.is_empty()).then(|| path.to_owned())
}

/// The last segment.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The last segment without its extension. One short walk from the end: it is asked of each file.
pub(super) fn stem(path: &str) -> &str {
    let bytes = path.as_bytes();
    let mut end = path.len();
    let mut start = 0;
    for (index, byte) in bytes.iter().enumerate().rev() {
        match byte {
            b'/' => {
                start = index + 1;
                break;
            }
            b'.' if end == path.len() => end = index,
            _ => {}
        }
    }
    let end = if end <= start { path.len() } else { end };
    path.get(start..end).unwrap_or(path)
}

/// 1 when the shorter path is wholly the end of the longer, 0 when not even the names are equal.
pub(super) fn nearness(one: &str, other: &str) -> f64 {
    let equal = one
        .rsplit('/')
        .zip(other.rsplit('/'))
        .take_while(|(mine, theirs)| mine == theirs)
        .count();
    let lengths = (one.split('/').count(), other.split('/').count());
    let shorter = lengths.0.min(lengths.1);
    if equal == 0 {
        0.0
    } else if equal == shorter && (shorter > 1 || lengths.0 == lengths.1) {
        1.0
    } else if shorter == 1 {
        // `app.py` alone may be any of them.
        0.5
    } else {
        let share = number(equal - 1) / number(shorter - 1);
        NAME_ONLY + (1.0 - NAME_ONLY) * share * share
    }
}

/// Like [`nearness`], for a path that has no extension (it came from a module).
pub(super) fn nearness_to_module(module: &str, file: &str) -> f64 {
    match file.rsplit_once('.') {
        Some((bare, extension)) if !extension.contains('/') => nearness(module, bare),
        _ => nearness(module, file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_segments_count_from_the_end() {
        let cases = [
            ("src/shop/cart.py", "src/shop/cart.py", 1.0),
            ("app/src/shop/cart.py", "src/shop/cart.py", 1.0),
            ("shop/cart.py", "backend/shop/cart.py", 1.0),
            ("cart.py", "cart.py", 1.0),
            ("cart.py", "shop/cart.py", 0.5),
            ("shop/cart.py", "shop/my_cart.py", 0.0),
            ("shop/cart.py", "workshop/cart.py", NAME_ONLY),
            ("a/b/cart.py", "a/c/cart.py", NAME_ONLY),
        ];
        for (one, other, expected) in cases {
            assert!(
                (nearness(one, other) - expected).abs() < 1e-9,
                "{one} {other}"
            );
            assert!(
                (nearness(other, one) - expected).abs() < 1e-9,
                "{other} {one}"
            );
        }
        let partly = nearness("x/b/c/d.py", "y/b/c/d.py");
        assert!(partly > NAME_ONLY && partly < 1.0);
    }

    #[test]
    fn a_module_stands_for_a_path() {
        assert_eq!(of_module("a.b.C$D").as_deref(), Some("a/b/C"));
        assert_eq!(
            of_module("shop::cart::add").as_deref(),
            Some("shop/cart/add")
        );
        assert_eq!(of_module("$x"), None);
        let near = nearness_to_module("a/b/C", "src/main/java/a/b/C.java");
        assert!((near - 1.0).abs() < 1e-9);
        assert!(nearness_to_module("a/b/C", "src/main/java/a/b/D.java") < 1e-9);
    }

    #[test]
    fn names_lose_folders_and_extensions() {
        assert_eq!(stem("a/b/cart.test.js"), "cart.test");
        assert_eq!(stem("a/.gitignore"), ".gitignore");
        assert_eq!(tidy("./a\\b/c.cs"), "a/b/c.cs");
        assert_eq!(tidy("/srv/app/x.py"), "srv/app/x.py");
    }
}

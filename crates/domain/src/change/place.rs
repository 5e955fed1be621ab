//! Where on which code host a repository is, and whose settings hold for it.

/// `github.com/acme/shop`: the host and the path of a repository's page, else what is usual for
/// its provider. `None`: nobody knows where it is.
pub fn place(provider: &str, url: Option<&str>, name: &str) -> Option<String> {
    let of_url = url.and_then(|url| url.split_once("://")).map(|(_, rest)| {
        let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    });
    let usual = match provider {
        "github" => Some("github.com"),
        "gitlab" => Some("gitlab.com"),
        _ => None,
    };
    let host = of_url.filter(|host| !host.is_empty()).or(usual)?;
    Some(format!("{}/{name}", host.to_lowercase()))
}

/// A place as people write it: no scheme, no slash at the end, lower case. `None`: it is none.
pub fn tidy_place(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.trim_matches('/').trim_end_matches(".git");
    let plain = |letter: char| {
        letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '/' | ':' | '~')
    };
    let is_good = !text.is_empty() && text.len() <= 300 && text.chars().all(plain);
    is_good.then(|| text.to_lowercase())
}

/// Do the settings of `place` hold for the repository? By whole parts: `github.com/acme` is not
/// the beginning of `github.com/acmeshop/web`.
pub fn holds_for(place: &str, repository: &str) -> bool {
    match repository.strip_prefix(place) {
        Some(rest) => rest.is_empty() || rest.starts_with('/'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_where_its_page_is() {
        let cases = [
            ("github", None, Some("github.com/acme/shop")),
            ("gitlab", None, Some("gitlab.com/acme/shop")),
            ("git", None, None),
            (
                "github",
                Some("https://GitHub.acme.example/acme/shop"),
                Some("github.acme.example/acme/shop"),
            ),
            (
                "other",
                Some("http://robin@git.example:8080/acme/shop"),
                Some("git.example:8080/acme/shop"),
            ),
            ("gitlab", Some("nonsense"), Some("gitlab.com/acme/shop")),
        ];
        for (provider, url, expected) in cases {
            let found = place(provider, url, "acme/shop");
            assert_eq!(found.as_deref(), expected, "{provider} {url:?}");
        }
    }

    #[test]
    fn a_place_holds_for_what_is_below_it_by_whole_parts() {
        let shop = "github.com/acme/shop";
        for (place, expected) in [
            ("github.com", true),
            ("github.com/acme", true),
            ("github.com/acme/shop", true),
            ("github.com/acm", false),
            ("github.com/acme/shop/x", false),
            ("github.co", false),
        ] {
            assert_eq!(holds_for(place, shop), expected, "{place}");
        }
    }

    #[test]
    fn a_place_is_tidied() {
        let cases = [
            (" https://GitHub.com/Acme/ ", Some("github.com/acme")),
            ("git.example:8080", Some("git.example:8080")),
            ("https://", None),
            ("robin@git.example", None),
            ("a b", None),
        ];
        for (text, expected) in cases {
            assert_eq!(tidy_place(text).as_deref(), expected, "{text}");
        }
    }
}

//! Links and what can be read out of them.

use crate::limits;
use crate::sources::wire::Wire;

/// A link that may be shown: `http` or `https`, no blanks, no control characters.
pub(super) fn web(wire: &Wire<'_>) -> Option<String> {
    let text = wire.str()?.trim();
    let scheme = |name: &str| {
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let safe = text.len() <= limits::LINK_CHARS
        && !text
            .chars()
            .any(|char| char.is_control() || char.is_whitespace());
    (safe && (scheme("https://") || scheme("http://"))).then(|| without_referrer(text).to_owned())
}

/// The first of these fields that is a link to a page, not to the API.
pub(super) fn page(wire: &Wire<'_>, keys: &[&str]) -> Option<String> {
    keys.iter()
        .filter_map(|key| web(wire.get(key)))
        .find(|link| !link.contains("/api/0/"))
}

/// The page of the issue, from the page of one of its events or from the issue's API address.
pub(super) fn issue_page(event: &Wire<'_>) -> Option<String> {
    let of_event = page(event, &["web_url", "webUrl", "url"]);
    let from_event = of_event.as_deref().and_then(up_to_issue).map(str::to_owned);
    from_event.or_else(|| {
        let api = web(event.get("issue_url"))?;
        let api = up_to_issue(&api)?;
        api.contains("/organizations/")
            .then(|| api.replacen("/api/0/", "/", 1))
    })
}

/// The digits after `/issues/` or, in very old links, `/group/`.
pub(super) fn issue_id(link: &str) -> Option<&str> {
    let (_, rest) = link
        .split_once("/issues/")
        .or_else(|| link.split_once("/group/"))?;
    let end = rest
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(rest.len());
    rest.get(..end)
        .filter(|id| !id.is_empty() && id.len() <= limits::ID_CHARS)
}

/// The part after `/events/`.
pub(super) fn event_id(link: &str) -> Option<&str> {
    part_after(link, "/events/").filter(|id| id.len() == 32)
}

/// Organisation and project of `/projects/<org>/<project>/`.
pub(super) fn project(link: &str) -> Option<&str> {
    let (_, rest) = link.split_once("/projects/")?;
    let (_, rest) = rest.split_once('/')?;
    let slug = rest.split(['/', '?', '#']).next()?;
    (!slug.is_empty() && slug.len() <= limits::NAME_CHARS).then_some(slug)
}

/// Organisation of `/organizations/<org>/`, or of `https://<org>.sentry.io/`.
pub(super) fn organization(link: &str) -> Option<&str> {
    part_after(link, "/organizations/").or_else(|| {
        let (_, rest) = link.split_once("://")?;
        let host = rest.split('/').next()?;
        host.strip_suffix(".sentry.io")
            .filter(|org| !org.contains('.'))
    })
}

fn part_after<'t>(link: &'t str, marker: &str) -> Option<&'t str> {
    let (_, rest) = link.split_once(marker)?;
    rest.split(['/', '?', '#'])
        .next()
        .filter(|part| !part.is_empty())
}

fn up_to_issue(link: &str) -> Option<&str> {
    let id = issue_id(link)?;
    let start = link.find("/issues/")? + "/issues/".len() + id.len();
    let slash = usize::from(link.get(start..)?.starts_with('/'));
    link.get(..start + slash)
}

fn without_referrer(link: &str) -> &str {
    match link.split_once("?referrer=") {
        Some((page, rest)) if !rest.contains('&') => page,
        _ => link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn link(text: &str) -> Option<String> {
        web(&Wire::Text(Cow::Borrowed(text)))
    }

    #[test]
    fn only_web_links_pass() {
        assert_eq!(
            link(" HTTPS://a.example/x ").as_deref(),
            Some("HTTPS://a.example/x")
        );
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//a.example",
            "https://a.example/\u{7}",
            "https://a.example/x y",
            "",
        ] {
            assert_eq!(link(bad), None, "{bad}");
        }
        assert_eq!(link(&format!("https://a/{}", "x".repeat(4_000))), None);
    }

    #[test]
    fn ids_and_slugs_are_found_in_links() {
        let old = "https://sentry.io/api/0/issues/1170820242/";
        let page = "https://harbor.sentry.io/issues/77/?referrer=webhooks_plugin";
        assert_eq!(issue_id(old), Some("1170820242"));
        assert_eq!(issue_id(page), Some("77"));
        assert_eq!(issue_id("https://x/harbor/web/group/12/"), Some("12"));
        assert_eq!(issue_id("https://x/issues/"), None);
        assert_eq!(
            link(page).as_deref(),
            Some("https://harbor.sentry.io/issues/77/")
        );
        assert_eq!(
            project("https://x/api/0/projects/harbor/web/events/1/"),
            Some("web")
        );
        assert_eq!(
            organization("https://x/organizations/harbor/issues/1/"),
            Some("harbor")
        );
        assert_eq!(organization(page), Some("harbor"));
        assert_eq!(organization("https://sentry.io/issues/1/"), None);
    }
}

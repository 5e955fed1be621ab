//! Our style sheet, scripts and icon, inside the binary.

use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// One file as the browser gets it.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Name after `/static/{version}/`.
    pub name: &'static str,
    /// Content type.
    pub content_type: &'static str,
    /// Content.
    pub content: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The files. Modules import each other by relative names, so one version in the path of the first
/// covers all of them.
pub const ASSETS: [Asset; 14] = [
    Asset {
        name: "app.css",
        content_type: CSS,
        content: concat!(
            include_str!("../../../static/css/tokens.css"),
            include_str!("../../../static/css/base.css"),
            include_str!("../../../static/css/layout.css"),
            include_str!("../../../static/css/controls.css"),
            include_str!("../../../static/css/overlays.css"),
            include_str!("../../../static/css/lists.css"),
            include_str!("../../../static/css/states.css"),
            include_str!("../../../static/css/tables.css"),
            include_str!("../../../static/css/incident.css"),
            include_str!("../../../static/css/event.css"),
            include_str!("../../../static/css/connect.css"),
            include_str!("../../../static/css/changes.css"),
            include_str!("../../../static/css/people.css"),
            include_str!("../../../static/css/memory.css"),
            include_str!("../../../static/css/routes.css"),
            include_str!("../../../static/css/health.css"),
            include_str!("../../../static/css/trends.css"),
        ),
    },
    js("theme.js", include_str!("../../../static/js/theme.js")),
    js("app.js", include_str!("../../../static/js/app.js")),
    js("stream.js", include_str!("../../../static/js/stream.js")),
    js("live.js", include_str!("../../../static/js/live.js")),
    js("keys.js", include_str!("../../../static/js/keys.js")),
    js("list.js", include_str!("../../../static/js/list.js")),
    js("forms.js", include_str!("../../../static/js/forms.js")),
    js("toasts.js", include_str!("../../../static/js/toasts.js")),
    js("times.js", include_str!("../../../static/js/times.js")),
    js("menus.js", include_str!("../../../static/js/menus.js")),
    js("json.js", include_str!("../../../static/js/json.js")),
    js("copy.js", include_str!("../../../static/js/copy.js")),
    Asset {
        name: "favicon.svg",
        content_type: "image/svg+xml",
        content: include_str!("../../../static/favicon.svg"),
    },
];

const fn js(name: &'static str, content: &'static str) -> Asset {
    Asset {
        name,
        content_type: JS,
        content,
    }
}

/// Changes whenever a file changes, so that browsers may keep them for ever.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in &ASSETS {
        digest.update(asset.content);
    }
    let mut version = hex::encode(digest.finalize());
    version.truncate(12);
    version
});

/// The file of this name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `/static/{version}/{name}`: serve any version, let browsers keep it for a year.
pub fn address(name: &str) -> String {
    format!("/static/{}/{name}", *VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_the_version() {
        assert!(find("app.css").is_some_and(|asset| asset.content.contains(":root")));
        assert!(find("../app.css").is_none());
        let address = address("app.js");
        assert!(
            address.starts_with("/static/") && address.ends_with("/app.js"),
            "{address}"
        );
    }

    #[test]
    fn every_import_of_a_script_is_there() {
        for asset in ASSETS.iter().filter(|asset| asset.content_type == JS) {
            for line in asset
                .content
                .lines()
                .filter(|line| line.starts_with("import "))
            {
                let name = line
                    .split("\"./")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                assert!(
                    name.is_some_and(|name| find(name).is_some()),
                    "{}: {line}",
                    asset.name
                );
            }
        }
    }
}

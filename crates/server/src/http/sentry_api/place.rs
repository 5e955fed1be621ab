//! Who asks, and about which project and version: the path and the token.

use super::refused::Refused;
use crate::app::App;
use crate::http::auth::{Caller, program_of};
use crate::operations::tell_release;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use epicenter_store::Tx;
use epicenter_store::changes::releases::ReleaseRecord;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a request is about. Writes need a token that may tell releases.
pub(super) struct Place {
    pub(super) caller: Caller,
    /// Of the routes below `projects/`.
    pub(super) project: Option<String>,
    version: Option<String>,
}

impl FromRequestParts<Arc<App>> for Place {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let Some(caller) = program_of(app, &parts.headers).await? else {
            let detail = "Invalid token. Epicenter has its own: `epicenter token create \
                --sentry-cli` makes one. Set it as SENTRY_AUTH_TOKEN.";
            return Err(Refused::new(StatusCode::UNAUTHORIZED, detail));
        };
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            caller.must_deploy()?;
        }
        let Ok(Path(mut names)) =
            Path::<BTreeMap<String, String>>::from_request_parts(parts, app).await
        else {
            let detail = "The path is not well-formed: percent-encode UTF-8.";
            return Err(Refused::new(StatusCode::BAD_REQUEST, detail));
        };
        Ok(Self {
            caller,
            project: names.remove("project"),
            version: names.remove("version"),
        })
    }
}

impl Place {
    /// The version in the path.
    pub(super) fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    /// The release in the path, or 404.
    pub(super) async fn release(&self, tx: &mut Tx) -> Result<ReleaseRecord, Refused> {
        let (workspace_id, project) = (self.caller.workspace_id, self.project.as_deref());
        tell_release::find(tx, workspace_id, project, self.version())
            .await
            .map_err(|error| Refused::of(error, self.version()))
    }
}

//! `installation.*` (SENTRY-PROTOCOL §2.7).

use super::hook::{Answer, Hook, Understood};
use super::identity;
use crate::signal::{Fact, InstallationFact};

/// Reads an installation.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    let deleted = match hook.action.as_str() {
        "created" => false,
        "deleted" => true,
        _ => return hook.refuse_action(),
    };
    let wire = hook.data.get("installation");
    let uuid = wire.get("uuid").id();
    let Some(uuid) = uuid.or_else(|| hook.body.path(&["installation", "uuid"]).id()) else {
        return hook.refuse_without("the installation has no uuid");
    };
    Ok(Understood {
        identity: Some(identity::of(&hook.resource, &[&uuid, &hook.action])),
        occurred_at: None,
        actor: None,
        fact: Fact::Installation(InstallationFact {
            uuid,
            deleted,
            organization: wire.path(&["organization", "slug"]).name(),
            app: wire.path(&["app", "slug"]).name(),
        }),
    })
}

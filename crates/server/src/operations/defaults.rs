//! What exists from the first start: a default service and a default integration of every kind.

use super::OperationError;
use super::accounts::{DEFAULT_WORKSPACE, random_hex};
use super::integrations::reopen_window_ms;
use epicenter_domain::engine::Profile;
use epicenter_domain::id::IdSource;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_store::Database;
use epicenter_store::integrations::{self, NewIntegration};
use epicenter_store::services::{self, NewService};

/// Makes what is missing.
pub async fn ensure_defaults(
    database: &Database,
    ids: &IdSource,
    now: Time,
) -> Result<(), OperationError> {
    let mut tx = database.write_state().await?;
    let services = services::list(&mut tx, DEFAULT_WORKSPACE).await?;
    if !services.iter().any(|service| service.is_default) {
        let service = NewService {
            id: ids.next(now),
            workspace_id: DEFAULT_WORKSPACE,
            slug: "default".to_owned(),
            name: "Default service".to_owned(),
            is_default: true,
            created_at: now,
        };
        services::create(&mut tx, &service).await?;
    }
    let known = integrations::list(&mut tx, DEFAULT_WORKSPACE).await?;
    for kind in IntegrationKind::ALL {
        if known
            .iter()
            .any(|one| one.is_default && one.kind == kind.as_str())
        {
            continue;
        }
        let integration = NewIntegration {
            id: ids.next(now),
            workspace_id: DEFAULT_WORKSPACE,
            kind: kind.as_str().to_owned(),
            name: kind.label().to_owned(),
            key: random_hex(16)?,
            is_default: true,
            service_id: None,
            is_unsigned: false,
            profile: Profile::Level,
            service_hooks_trigger: false,
            reopen_window_ms: reopen_window_ms(kind),
            holds_transients: true,
            created_at: now,
        };
        integrations::create(&mut tx, &integration).await?;
    }
    tx.commit().await?;
    Ok(())
}

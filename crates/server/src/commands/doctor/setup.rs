//! The halves of the set-up that lie on this machine: database, secrets, accounts.

use crate::app::without_password;
use crate::config::Config;
use crate::operations::health::Scene;
use epicenter_domain::health::{Finding, Level, Part};
use epicenter_domain::sources::IntegrationKind;
use epicenter_store::look::sqlite_file;
use epicenter_store::{Database, StoreError, integrations, users};
use std::path::Path;

/// A line about the set-up.
pub(super) fn line(code: &'static str, level: Level, says: impl Into<String>) -> Finding {
    Finding::new(Part::Setup, code, level, says)
}

/// Can the database be opened, is it as this version needs it, can it store? The database, if its
/// tables can be asked.
pub(super) async fn database(config: &Config) -> (Vec<Finding>, Option<Database>) {
    let url = without_password(&config.database_url);
    if let Some(file) = sqlite_file(&config.database_url)
        && !file.exists()
    {
        return (vec![absent(&file)], None);
    }
    let database = match Database::look(&config.database_url).await {
        Ok(database) => database,
        Err(error) => {
            let says = format!("{url} cannot be opened: {error}.");
            let todo = "Check `database_url`, that the database runs, and who may use it.";
            return (vec![line("database", Level::Broken, says).todo(todo)], None);
        }
    };
    match database.steps_behind().await {
        Ok(0) => {}
        Ok(behind) => {
            let (says, todo) = if behind > 0 {
                (
                    format!("The tables of {url} are {behind} steps behind this version."),
                    "Run `epicenter migrate`, or start the server, which does it too.",
                )
            } else {
                (
                    format!("The tables of {url} are of a newer version."),
                    "Use the newer program, or the backup from before it.",
                )
            };
            database.close().await;
            return (vec![line("tables", Level::Broken, says).todo(todo)], None);
        }
        Err(error) => {
            let says = format!("{url} cannot be read: {error}.");
            database.close().await;
            let finding = line("database", Level::Broken, says).todo("Look at the database's log.");
            return (vec![finding], None);
        }
    }
    let stores = match database.ping().await {
        Ok(()) => line("database", Level::Ok, format!("{url} can store.")),
        Err(error) => {
            let says = format!("{url} cannot store: {error}.");
            let todo = "Free some space, and check who may write there.";
            line("database", Level::Broken, says).todo(todo)
        }
    };
    (vec![stores], Some(database))
}

/// There is no file yet: can one be made?
fn absent(file: &Path) -> Finding {
    let folder = file.parent().filter(|path| !path.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let name = file.display();
    let is_writable = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    if is_writable {
        let says = format!("There is no database {name} yet.");
        return line("database", Level::Attention, says)
            .todo("Start the server once: it makes one.");
    }
    let says = format!("There is no database {name}, and none can be made there.");
    let todo = "Make the folder, or let this user write to it, or change `database_url`.";
    line("database", Level::Broken, says).todo(todo)
}

/// Has anybody an account, and has any integration of Sentry a secret?
pub(super) async fn accounts(scene: Scene<'_>) -> Result<Vec<Finding>, StoreError> {
    let mut tx = scene.database.read().await?;
    let mut findings = Vec::new();
    if users::count(&mut tx).await? == 0 {
        let todo =
            "Open the link that the server writes to its log, or run `epicenter user create`.";
        let says = "Nobody has an account.";
        findings.push(line("accounts", Level::Attention, says).todo(todo));
    }
    let by_environment = scene.known_kinds.contains(&IntegrationKind::Sentry);
    let all = integrations::load_registry(&mut tx).await?;
    let has_secret = all.iter().any(|record| {
        let is_sentry = record.integration.kind == IntegrationKind::Sentry.as_str();
        let is_active = record
            .secrets
            .iter()
            .any(|secret| secret.is_active(scene.now));
        is_sentry && (is_active || record.integration.is_unsigned)
    });
    findings.push(if by_environment || has_secret {
        let says = "Webhooks of Sentry can be proven: there is a secret.";
        line("secrets", Level::Ok, says)
    } else {
        let says = "No integration of Sentry has a secret, so every webhook is refused.";
        line("secrets", Level::Broken, says).todo(
            "Set SENTRY_WEBHOOK_SECRET, or paste the client secret on the integration's page.",
        )
    });
    Ok(findings)
}

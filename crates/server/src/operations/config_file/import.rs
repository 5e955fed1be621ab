//! Reads the file into the workspace: all of it in one transaction, or nothing.

use super::export::read;
use super::lines::line_of;
use super::put::Put;
use super::{ConfigFile, FILE_VERSION};
use crate::operations::OperationError;
use epicenter_domain::id::IdSource;
use epicenter_domain::sources::Fault;
use epicenter_domain::time::Time;
use epicenter_store::notices::plans;
use epicenter_store::{Database, StoreError};

/// What was done with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there.
    Created,
    /// It was otherwise.
    Changed,
    /// It was so already.
    Same,
    /// It was made, and somebody has to enter it by hand: a secret.
    ToEnter,
}

/// One thing of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `service`, `team`…
    pub kind: &'static str,
    /// How the file calls it.
    pub name: String,
    /// What was done.
    pub outcome: Outcome,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no such file.
    #[error("{0}")]
    Syntax(String),
    /// Things in it are wrong; each with its line.
    #[error("{}", .0.join("\n"))]
    Faults(Vec<String>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Imports a file; `is_dry`: only says what it would do. Answers what was done, in the file's order.
pub async fn import(
    (database, ids): (&Database, &IdSource),
    workspace_id: i64,
    (text, actor): (&str, &str),
    is_dry: bool,
    now: Time,
) -> Result<Vec<Step>, ImportError> {
    let file: ConfigFile =
        toml::from_str(text).map_err(|error| ImportError::Syntax(error.to_string()))?;
    if file.version != FILE_VERSION {
        let version = file.version;
        return Err(ImportError::Syntax(format!(
            "the file says version {version}; this Epicenter reads version {FILE_VERSION}"
        )));
    }
    let mut tx = database.write().await?;
    let before = read(&mut tx, workspace_id, now).await?;
    let mut put = Put::load(&mut tx, (ids, now), workspace_id, before).await?;
    let done = put.everything(&mut tx, &file, actor).await;
    match done {
        Ok(()) if put.faults.is_empty() => {}
        Ok(()) => return Err(refused(text, put.faults)),
        Err(OperationError::Store(error)) => return Err(error.into()),
        Err(OperationError::Faults(faults)) => return Err(refused(text, faults)),
        Err(error) => return Err(ImportError::Faults(vec![error.to_string()])),
    }
    if is_dry {
        tx.rollback().await?;
    } else {
        plans::ask_for_open(&mut tx, workspace_id, now).await?;
        tx.commit().await?;
    }
    Ok(put.steps)
}

fn refused(text: &str, faults: Vec<Fault>) -> ImportError {
    let sentence = |fault: Fault| {
        let place = line_of(text, &fault.field);
        let line = place.map_or(String::new(), |line| format!("line {line}: "));
        format!("{line}{} {}", fault.field, fault.message)
    };
    ImportError::Faults(faults.into_iter().map(sentence).collect())
}

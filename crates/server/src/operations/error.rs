//! Why an operation was not done.

use epicenter_domain::incident::CommandError;
use epicenter_domain::sources::Fault;
use epicenter_store::StoreError;

/// Why an operation was not done; `http/problem.rs` maps it.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// There is no such thing; says what sort of thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The state forbids it.
    #[error("{0}")]
    Conflict(String),
    /// A field is wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// Several fields are wrong.
    #[error("{} fields are wrong", .0.len())]
    Faults(Vec<Fault>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OperationError {
    /// A field is wrong.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }
}

impl From<CommandError> for OperationError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Conflict(reason) => Self::Conflict(reason.to_owned()),
            CommandError::Invalid(field, message) => Self::invalid(field, message),
        }
    }
}

//! Between columns and domain values.

use crate::StoreError;
use epicenter_domain::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A statement put together from constants of this crate, never from what somebody sent.
macro_rules! sql {
    ($($text:tt)*) => {
        sqlx::AssertSqlSafe(format!($($text)*))
    };
}

/// An instant as its column has it.
pub(crate) fn ms(at: Option<Time>) -> Option<i64> {
    at.map(|at| at.0)
}

/// A value as JSON text. Our own types always serialise.
pub(crate) fn json<T: Serialize>(value: Option<&T>) -> Option<String> {
    value.and_then(|value| serde_json::to_string(value).ok())
}

/// A value from JSON text.
pub(crate) fn from_json<T: DeserializeOwned>(
    table: &'static str,
    id: i64,
    text: Option<&str>,
) -> Result<Option<T>, StoreError> {
    text.map(serde_json::from_str)
        .transpose()
        .map_err(|error| StoreError::Row {
            table,
            id,
            reason: error.to_string(),
        })
}

/// A column holds a word this version does not know.
pub(crate) fn unreadable(table: &'static str, id: i64, column: &str) -> StoreError {
    StoreError::Row {
        table,
        id,
        reason: format!("{column} holds an unknown word"),
    }
}

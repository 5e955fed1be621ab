//! Errors on the wire: RFC 9457 `application/problem+json`, the only mapping to HTTP.

use crate::operations::OperationError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use epicenter_store::StoreError;
use serde::{Serialize, Serializer};

/// An error as the client sees it. The cause is logged, never shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// A stable URI of the kind of problem.
    #[serde(rename = "type", serialize_with = "as_uri")]
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what to do.
    pub detail: String,
    /// A stable word for programs.
    pub code: &'static str,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    #[serde(skip)]
    retry_after_s: Option<u32>,
}

/// One field at fault.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// Its name.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    /// A problem with this status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: code,
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            fields: Vec::new(),
            retry_after_s: None,
        }
    }

    /// 400 because of one field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid",
            format!("{field}: {message}"),
        );
        problem.fields.push(FieldProblem {
            field: field.to_owned(),
            message,
        });
        problem
    }

    /// 400 because of these fields.
    pub fn invalid_fields(fields: Vec<FieldProblem>) -> Self {
        let all: Vec<_> = fields
            .iter()
            .map(|one| format!("{} {}", one.field, one.message))
            .collect();
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "invalid", all.join("; ") + ".");
        problem.fields = fields;
        problem
    }

    /// 404; says nothing about what exists.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}."),
        )
    }

    /// 401.
    pub fn unauthorized(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 409.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 503, to be tried again after so many seconds.
    pub fn unavailable(code: &'static str, detail: impl Into<String>, retry_after_s: u32) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail);
        problem.retry_after_s = Some(retry_after_s);
        problem
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("The body is larger than {} MiB.", limit >> 20);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }
}

fn as_uri<S: Serializer>(code: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:epicenter:problem:{code}"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed in the store: {error}");
        if error.is_disk_full() {
            return Self::unavailable("disk_full", "There is no room to store anything.", 30);
        }
        match error {
            StoreError::Cursor => Self::invalid("cursor", "is not one that this list gave out"),
            _ => Self::unavailable("database_unavailable", "The database cannot be reached.", 5),
        }
    }
}

/// `the incident is resolved` → `The incident is resolved.`
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    let mut text: String = first.chain(letters).collect();
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Self {
        match error {
            OperationError::NotFound(what) => Self::not_found(what),
            OperationError::Conflict(reason) => Self::conflict(sentence(&reason)),
            OperationError::Invalid { field, message } => Self::invalid(field, message),
            OperationError::Faults(faults) => Self::invalid_fields(
                faults
                    .into_iter()
                    .map(|fault| FieldProblem {
                        field: fault.field,
                        message: fault.message,
                    })
                    .collect(),
            ),
            OperationError::Store(error) => error.into(),
        }
    }
}

//! Errors in Sentry's shape: `{"detail": "…"}`, which sentry-cli prints.

use crate::http::problem::Problem;
use crate::operations::OperationError;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use epicenter_store::StoreError;
use serde_json::json;

/// A problem as Sentry would tell it.
#[derive(Debug)]
pub(super) struct Refused(Problem);

impl Refused {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self(Problem::new(status, "sentry_api", detail))
    }

    /// 400 because of one field.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        Self(Problem::invalid(field, message))
    }

    /// 404 with what to do about it.
    pub(super) fn no_release(version: &str) -> Self {
        let detail = format!(
            "There is no release {version:?} here, or it is not of this project. Make it first: \
             sentry-cli releases new {version:?}."
        );
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// The same for an operation: what is not there is the release.
    pub(super) fn of(error: OperationError, version: &str) -> Self {
        match error {
            OperationError::NotFound("release") => Self::no_release(version),
            error => Self(error.into()),
        }
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        // With any field beside it, sentry-cli prints "request failure" instead of the sentence.
        let said = json!({"detail": self.0.detail});
        // Status and headers are the problem's own.
        let mut response = self.0.into_response();
        *response.body_mut() = Body::from(said.to_string());
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        let kind = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, kind);
        response
    }
}

//! Query parameters and ids, with errors that name the field.

use crate::http::problem::Problem;
use crate::limits::PAGE_SIZE;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use epicenter_domain::id::IdKind;
use epicenter_domain::time::Time;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// Where a page of a list begins and how long it is.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Paging {
    /// Items on a page, 1 to 100.
    pub(super) limit: Option<i64>,
    /// `next_cursor` of the page before.
    pub(super) cursor: Option<String>,
}

impl Paging {
    pub(super) fn limit(&self) -> Result<i64, Problem> {
        match self.limit {
            None => Ok(PAGE_SIZE),
            Some(limit @ 1..=100) => Ok(limit),
            Some(_) => Err(Problem::invalid("limit", "must be between 1 and 100")),
        }
    }
}

/// Reads an id of this kind; anything else names nothing.
pub(super) fn id(kind: IdKind, what: &'static str, text: &str) -> Result<i64, Problem> {
    kind.parse(text).ok_or_else(|| Problem::not_found(what))
}

/// Reads an instant.
pub(super) fn time(field: &str, text: &str) -> Result<Time, Problem> {
    Time::parse(text)
        .or_else(|| Time::parse(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| Problem::invalid(field, "must be a time such as 2026-01-06T10:00:00Z"))
}

/// Reads a list of words separated by commas.
pub(super) fn words<T>(
    field: &str,
    text: Option<&str>,
    known: &[&str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Problem> {
    let words = text
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            parse(word).ok_or_else(|| {
                Problem::invalid(field, format!("{word:?} is none of {}", known.join(", ")))
            })
        })
        .collect()
}

/// `Query` whose errors are problems.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        axum::extract::Query::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|error: QueryRejection| Problem::invalid("query", error.body_text()))
    }
}

/// `Json` whose errors are problems.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        axum::Json::from_request(request, state)
            .await
            .map(|axum::Json(value)| Self(value))
            .map_err(|error: JsonRejection| Problem::invalid("body", error.body_text()))
    }
}

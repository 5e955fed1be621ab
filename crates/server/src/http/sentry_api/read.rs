//! Reads bodies and the place in a list.

use super::refused::Refused;
use crate::http::body;
use crate::limits::{BODY_DEADLINE, SENTRY_API_BODY_BYTES};
use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a JSON body; an error names the place in it.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refused> {
    let raw = body::read(headers, body, (SENTRY_API_BODY_BYTES, BODY_DEADLINE)).await?;
    let plain = body::decompress(headers, &raw, SENTRY_API_BODY_BYTES).await?;
    match Json::from_bytes(plain.as_ref().unwrap_or(&raw)) {
        Ok(Json(value)) => Ok(value),
        Err(error) => {
            use std::error::Error;
            // The source says where and what, the error itself only that.
            let cause = error.source().map(ToString::to_string);
            let message = cause.unwrap_or_else(|| error.body_text());
            Err(Refused::field("body", message))
        }
    }
}

/// The query of a list.
#[derive(Debug, Default)]
pub(super) struct ListQuery {
    pub(super) project: Option<String>,
    pub(super) text: Option<String>,
    pub(super) per_page: i64,
    pub(super) cursor: Option<String>,
    /// What a link to another page repeats.
    kept: Vec<(String, String)>,
}

/// Items on a page, at most and unless asked otherwise (Sentry's own number).
const PAGE: i64 = 100;

impl ListQuery {
    pub(super) fn parse(query: Option<&str>) -> Result<Self, Refused> {
        let mut read = Self {
            per_page: PAGE,
            ..Self::default()
        };
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        for (name, value) in pairs.into_owned() {
            let is_given = !value.is_empty();
            match name.as_str() {
                "cursor" => {
                    read.cursor = is_given.then_some(value);
                    continue;
                }
                "per_page" => read.per_page = per_page(&value)?,
                "query" if is_given => read.text = Some(value.clone()),
                // Sentry writes -1 for all projects.
                "project" if is_given && value != "-1" && read.project.is_none() => {
                    read.project = Some(value.clone());
                }
                "project" if is_given && value != "-1" => {
                    return Err(Refused::field("project", "may be named once"));
                }
                _ => {}
            }
            read.kept.push((name, value));
        }
        Ok(read)
    }

    /// The list with Sentry's `Link` header. Lists are read forwards only.
    pub(super) fn answer(
        &self,
        (base_url, path): (&str, &str),
        items: Vec<Value>,
        next: Option<&str>,
    ) -> Response {
        let link = |relation: &str, cursor: &str, has_results: bool| {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&self.kept)
                .append_pair("cursor", cursor)
                .finish();
            format!(
                "<{base_url}{path}?{query}>; rel=\"{relation}\"; results=\"{has_results}\"; \
                 cursor=\"{cursor}\""
            )
        };
        let before = link("previous", "", false);
        let after = link("next", next.unwrap_or_default(), next.is_some());
        let mut response = Json(items).into_response();
        if let Ok(value) = HeaderValue::from_str(&format!("{before}, {after}")) {
            response.headers_mut().insert(header::LINK, value);
        }
        response
    }
}

fn per_page(text: &str) -> Result<i64, Refused> {
    let read = text.parse().ok().filter(|count| (1..=PAGE).contains(count));
    read.ok_or_else(|| Refused::field("per_page", "must be between 1 and 100"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_links_to_its_next_page() {
        let query = "per_page=2&cursor=old&query=a%20b&project=-1&flatten=1";
        let read = ListQuery::parse(Some(query)).unwrap();
        assert_eq!((read.per_page, read.cursor.as_deref()), (2, Some("old")));
        assert_eq!(
            (read.text.as_deref(), read.project.as_deref()),
            (Some("a b"), None)
        );
        let answer = read.answer(("http://e.test", "/api/0/x/"), Vec::new(), Some("2-a"));
        let kept = "http://e.test/api/0/x/?per_page=2&query=a+b&project=-1&flatten=1";
        let expected = format!(
            "<{kept}&cursor=>; rel=\"previous\"; results=\"false\"; cursor=\"\", \
             <{kept}&cursor=2-a>; rel=\"next\"; results=\"true\"; cursor=\"2-a\""
        );
        assert_eq!(answer.headers()["link"], expected.as_str());
        let end = read.answer(("", "/"), Vec::new(), None);
        let link = end.headers()["link"].to_str().unwrap();
        assert!(
            link.ends_with("rel=\"next\"; results=\"false\"; cursor=\"\""),
            "{link}"
        );
    }

    #[test]
    fn a_wrong_query_is_refused() {
        for query in [
            "per_page=0",
            "per_page=101",
            "per_page=x",
            "project=a&project=b",
        ] {
            assert!(ListQuery::parse(Some(query)).is_err(), "{query}");
        }
        assert_eq!(ListQuery::parse(None).unwrap().per_page, 100);
    }
}

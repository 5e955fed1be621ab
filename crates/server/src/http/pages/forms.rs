//! Forms: their fields, the proof that they come from our page, and what follows them.

use super::views::Flash;
use super::visitor::{Failure, Shown, Visitor};
use crate::app::App;
use crate::http::problem::{Problem, sentence};
use crate::limits::API_BODY_BYTES;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use epicenter_domain::proof::constant_time_eq;
use serde_json::json;
use std::sync::Arc;

/// The fields of a form, in order; names may repeat.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form's body.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field; empty when it is absent.
    pub(super) fn get(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// All values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Is a box ticked?
    pub(super) fn is_on(&self, name: &str) -> bool {
        matches!(self.get(name), "on" | "1" | "true")
    }
}

/// A form that a signed-in person sent from a page of ours.
pub(super) struct Form {
    /// Path of the page it was sent from, if the browser tells.
    from: Option<String>,
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

impl FromRequest<Arc<App>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let referer = parts
            .headers
            .get(header::REFERER)
            .and_then(|value| value.to_str().ok());
        let from = referer.and_then(|url| url.parse::<Uri>().ok()).map(|uri| {
            uri.path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned()
        });
        let limited = Request::from_parts(parts, body);
        let body = Bytes::from_request(limited, app)
            .await
            .map_err(|_| Problem::too_large(API_BODY_BYTES).into_response())?;
        let fields = Fields::read(&body);
        let sent = fields.get("csrf").as_bytes();
        if !constant_time_eq(sent, visitor.session.csrf.as_bytes()) {
            return Err(Failure::StaleForm.into_response());
        }
        Ok(Self {
            from,
            visitor,
            fields,
        })
    }
}

impl Form {
    /// Where to go back to: what the form says, else where it was sent from.
    pub(super) fn back<'a>(&'a self, otherwise: &'a str) -> &'a str {
        let from = own_address(self.from.as_deref().unwrap_or_default(), otherwise);
        own_address(self.fields.get("back"), from)
    }

    /// What follows a form that went well: back to `to`, where one sentence says what was done.
    pub(super) fn done(&self, app: &App, to: &str, text: impl Into<String>) -> Response {
        self.answer(
            app,
            to,
            Flash {
                is_error: false,
                text: text.into(),
                undo: None,
            },
        )
    }

    /// What follows a form that can be undone.
    pub(super) fn undoable(&self, app: &App, to: &str, text: String, undo: String) -> Response {
        self.answer(
            app,
            to,
            Flash {
                is_error: false,
                text,
                undo: Some(undo),
            },
        )
    }

    /// What follows a form that did not go well.
    pub(super) fn failed(&self, app: &App, to: &str, text: impl Into<String>) -> Response {
        self.answer(
            app,
            to,
            Flash {
                is_error: true,
                text: text.into(),
                undo: None,
            },
        )
    }

    /// What follows an operation: done or failed.
    pub(super) fn followed<E: Into<Problem>>(
        &self,
        app: &App,
        to: &str,
        result: Result<String, E>,
    ) -> Response {
        match result {
            Ok(text) => self.done(app, to, text),
            Err(error) => {
                let problem: Problem = error.into();
                self.failed(app, to, sentence(&problem.detail))
            }
        }
    }

    fn answer(&self, app: &App, to: &str, flash: Flash) -> Response {
        // A filtered list stays as it is.
        let leads_elsewhere = self.from.as_deref().map(path_of) != Some(path_of(to));
        if self.visitor.wants_json {
            if flash.is_error {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                return Problem::new(status, "not_done", flash.text).into_response();
            }
            let location = leads_elsewhere.then_some(to);
            let body = json!({ "message": flash.text, "undo": flash.undo, "location": location });
            return axum::Json(body).into_response();
        }
        app.flashes.put(&self.visitor.session, flash);
        Redirect::to(to).into_response()
    }
}

/// What was typed into a field, without the room around it; `None`: nothing.
pub(super) fn some(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A page with a fault in its form: 422.
pub(super) fn faulty(page: Shown) -> Response {
    match page {
        Ok(html) => (StatusCode::UNPROCESSABLE_ENTITY, html).into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// Only addresses of our own are followed.
pub(super) fn own_address<'a>(address: &'a str, otherwise: &'a str) -> &'a str {
    let is_own = address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(['\\', '\r', '\n', '\t']);
    if is_own { address } else { otherwise }
}

fn path_of(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_our_own_are_followed() {
        for address in ["/incidents?status=open", "/"] {
            assert_eq!(own_address(address, "/x"), address);
        }
        for address in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil",
            "/a\r\nb",
        ] {
            assert_eq!(own_address(address, "/x"), "/x", "{address:?}");
        }
    }

    #[test]
    fn fields_may_repeat() {
        let fields = Fields::read(b"numbers=1&numbers=2&unsigned=on&q=a+b%26");
        assert_eq!(fields.all("numbers").collect::<Vec<_>>(), ["1", "2"]);
        assert!(fields.is_on("unsigned"));
        assert_eq!(fields.get("q"), "a b&");
        assert_eq!(fields.get("absent"), "");
    }
}

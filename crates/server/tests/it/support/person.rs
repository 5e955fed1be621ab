//! A person with a browser that runs no script.

use super::{Answer, TestApp};
use reqwest::header::{ACCEPT, CONTENT_TYPE, COOKIE};
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use std::time::Duration;

/// What everybody's password is.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is signed in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    cookie: String,
}

impl Person {
    /// Makes an account with this role and signs in.
    pub(crate) async fn arrive(app: &TestApp, name: &str, role: &str) -> Self {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "name": name, "password": PASSWORD, "role": role});
        let made = app.api.post("/api/v1/users", body).await.expect(201).json();
        let cookie = log_in(app, &email, PASSWORD).await.unwrap();
        Self {
            id: made["id"].as_str().unwrap().to_owned(),
            email,
            cookie,
        }
    }

    /// The same person in another browser.
    pub(crate) async fn sign_in_again(&self, app: &TestApp) -> Self {
        Self {
            id: self.id.clone(),
            email: self.email.clone(),
            cookie: log_in(app, &self.email, PASSWORD).await.unwrap(),
        }
    }

    /// Any request of this person's browser.
    pub(crate) fn request(&self, app: &TestApp, method: Method, path: &str) -> RequestBuilder {
        let request = app.api.with_token(None).request(method, path);
        request.header(COOKIE, &self.cookie)
    }

    /// Whatever is answered at this address.
    pub(crate) async fn look(&self, app: &TestApp, path: &str) -> Answer {
        let request = self.request(app, Method::GET, path);
        Answer::of(request.header(ACCEPT, "text/html").send().await.unwrap()).await
    }

    /// The HTML at this address.
    pub(crate) async fn page(&self, app: &TestApp, path: &str) -> String {
        self.look(app, path).await.expect(200).text
    }

    /// Sends a form, with the token that the page carries.
    pub(crate) async fn submit(
        &self,
        app: &TestApp,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let page = self.page(app, "/incidents").await;
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        let csrf = rest.split('"').next().unwrap();
        let token = [("csrf", csrf)];
        let fields = fields.iter().chain(&token);
        let request = self.request(app, Method::POST, path).body(form(fields));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        Answer::of(request.send().await.unwrap()).await
    }
}

/// A live stream that was opened by this request.
pub(crate) struct Live(reqwest::Response);

impl Live {
    /// Opens it and waits for its first event.
    pub(crate) async fn open(request: RequestBuilder) -> Self {
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let first = response.chunk().await.unwrap().unwrap();
        assert!(first.starts_with(b"event: hello"), "{first:?}");
        Self(response)
    }

    /// Reads to its end, which must come within five seconds.
    pub(crate) async fn ends(mut self, why: &str) {
        let rest = async { while let Ok(Some(_)) = self.0.chunk().await {} };
        let end = tokio::time::timeout(Duration::from_secs(5), rest).await;
        assert!(end.is_ok(), "{why}: the stream goes on");
    }

    /// Reads on until this text comes.
    pub(crate) async fn brings(&mut self, text: &str) {
        let mut read = String::new();
        while !read.contains(text) {
            let chunk = self.0.chunk().await.unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("it ended before {text}: {read}"));
            read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

/// The cookie, if the password is right.
pub(crate) async fn log_in(app: &TestApp, email: &str, password: &str) -> Option<String> {
    let request = app.api.with_token(None).request(Method::POST, "/login");
    let request = request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form(&[("email", email), ("password", password)]));
    let answer = Answer::of(request.send().await.unwrap()).await;
    let cookie = answer.headers.get("set-cookie")?.to_str().unwrap();
    Some(cookie.split(';').next().unwrap().to_owned())
}

fn form<'a>(fields: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The address of the first link with these words.
#[track_caller]
pub(crate) fn link(html: &str, words: &str) -> String {
    let Some((before, _)) = html.split_once(words) else {
        panic!("no link {words:?}: {html}")
    };
    let (_, from) = before.rsplit_once("href=\"").unwrap();
    from.split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

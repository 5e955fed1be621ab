//! Sentry's REST API, as far as issues, events, notes, projects and releases go. One value of
//! [`SentryApi`] asks for one organisation; what was learnt of limits is kept in its [`Pace`].

mod answer;
mod bulk;
mod error;
mod pace;
mod page;

pub use error::{Odd, SentryError};
pub use pace::{Pace, Topic};
pub use page::{Page, Position};

use super::outbound::{Outbound, Request};
use crate::clock::Clock;
use crate::limits::sentry::{SENTRY_ANSWER_BYTES, SENTRY_NOTE_CHARS, SENTRY_PAGE};
use answer::judge;
use epicenter_domain::limits::cut_chars;
use epicenter_domain::signal::ProjectFacts;
use epicenter_domain::sources::sentry::api::{self, Listed, ReadIssue, ReadRelease, Unusable};
use epicenter_domain::time::Time;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};

/// Which issues are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueQuery {
    /// Slugs of projects; empty: all.
    pub projects: Vec<String>,
    /// Seen at or after this instant.
    pub from: Time,
    /// And before this one.
    pub until: Time,
}

impl IssueQuery {
    fn pairs(&self) -> String {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        // An empty query is all statuses; without it Sentry lists the unresolved ones only.
        pairs
            .append_pair("query", "")
            .append_pair("sort", "date")
            .append_pair("limit", &SENTRY_PAGE.to_string())
            .append_pair("collapse", "stats")
            .append_pair("collapse", "filtered")
            .append_pair("start", &self.from.rfc3339())
            .append_pair("end", &self.until.rfc3339());
        if self.projects.is_empty() {
            pairs.append_pair("project", "-1");
        }
        for project in &self.projects {
            pairs.append_pair("project", project);
        }
        pairs.finish()
    }
}

/// What an issue is to become; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IssueUpdate {
    /// `resolved`, `unresolved`, `ignored`, `resolvedInNextRelease`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// `inRelease`, `ignoreDuration`… beside a status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_details: Option<serde_json::Value>,
    /// `archived_until_escalating`…
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substatus: Option<String>,
    /// `user:1`, `team:2`, an e-mail address, or nothing for nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
}

/// The latest event of an issue, as Sentry wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestEvent {
    /// Its id.
    pub event_id: String,
    /// The whole answer.
    pub body: Vec<u8>,
}

/// One organisation on one host, and what lets us in.
#[derive(Clone, Copy, Debug)]
pub struct SentryApi<'a> {
    /// The way out.
    pub outbound: &'a Outbound,
    /// Where the host is, without a slash at the end.
    pub base_url: &'a str,
    /// The organisation's slug.
    pub organization: &'a str,
    /// What lets us in.
    pub token: &'a str,
    /// How fast it may be asked.
    pub pace: &'a Pace,
    /// What time it is.
    pub clock: &'a Clock,
}

impl SentryApi<'_> {
    /// A page of issues of all statuses, those seen last first. `cursor`: where to go on.
    pub async fn issues(
        &self,
        query: &IssueQuery,
        cursor: Option<&str>,
    ) -> Result<Page<ReadIssue>, SentryError> {
        let path = self.place(&["issues"]);
        let path = format!("{path}?{}", query.pairs());
        self.list(Topic::Issues, &path, cursor, api::issues).await
    }

    /// One issue.
    pub async fn issue(&self, issue_id: &str) -> Result<ReadIssue, SentryError> {
        let path = self.place(&["issues", issue_id]);
        self.read(Topic::Issue, &path, api::issue).await
    }

    /// The latest event of an issue.
    pub async fn latest_event(&self, issue_id: &str) -> Result<LatestEvent, SentryError> {
        let path = self.place(&["issues", issue_id, "events", "latest"]);
        let body = self.ask(Topic::Event, Method::GET, &path, None).await?.body;
        let event = self.usable(Topic::Event, api::event(&body))?;
        Ok(LatestEvent {
            event_id: event.event_id,
            body,
        })
    }

    /// Changes an issue. Sentry tells everybody of it, also us, by webhook.
    pub async fn update_issue(
        &self,
        issue_id: &str,
        update: &IssueUpdate,
    ) -> Result<ReadIssue, SentryError> {
        let path = self.place(&["issues", issue_id]);
        let body = serde_json::to_vec(update).unwrap_or_default();
        let answer = self
            .ask(Topic::Update, Method::PUT, &path, Some(body))
            .await?;
        self.usable(Topic::Update, api::issue(&answer.body))
    }

    /// Writes a note at an issue; answers its id. The same text twice within an hour is refused.
    pub async fn add_note(&self, issue_id: &str, text: &str) -> Result<String, SentryError> {
        let path = self.place(&["issues", issue_id, "comments"]);
        let body = serde_json::json!({"text": cut_chars(text, SENTRY_NOTE_CHARS)});
        let body = body.to_string().into_bytes();
        let answer = self
            .ask(Topic::Note, Method::POST, &path, Some(body))
            .await?;
        self.usable(Topic::Note, api::made(&answer.body))
    }

    /// A page of the organisation's projects.
    pub async fn projects(&self, cursor: Option<&str>) -> Result<Page<ProjectFacts>, SentryError> {
        let path = format!("{}?per_page={SENTRY_PAGE}", self.place(&["projects"]));
        self.list(Topic::Projects, &path, cursor, api::projects)
            .await
    }

    /// A page of the organisation's releases, newest first.
    pub async fn releases(&self, cursor: Option<&str>) -> Result<Page<ReadRelease>, SentryError> {
        let path = format!("{}?per_page={SENTRY_PAGE}", self.place(&["releases"]));
        self.list(Topic::Releases, &path, cursor, api::releases)
            .await
    }

    /// The organisation's name, if it has one: is it there, and may the token see it?
    pub async fn organization(&self) -> Result<Option<String>, SentryError> {
        let path = self.place(&[]);
        self.read(Topic::Other, &path, api::organization).await
    }

    /// What the token may do; `None`: the host does not say.
    pub async fn scopes(&self) -> Result<Option<Vec<String>>, SentryError> {
        self.read(Topic::Scopes, "/api/0/", api::scopes).await
    }

    async fn read<T>(
        &self,
        topic: Topic,
        path: &str,
        read: impl Fn(&[u8]) -> Result<T, Unusable>,
    ) -> Result<T, SentryError> {
        let answer = self.ask(topic, Method::GET, path, None).await?;
        self.usable(topic, read(&answer.body))
    }

    /// What was read of an answer; one that cannot be used is a failure like any other.
    fn usable<T>(&self, topic: Topic, read: Result<T, impl Into<Odd>>) -> Result<T, SentryError> {
        read.map_err(|odd| SentryError::Odd {
            odd: odd.into(),
            until: self.pace.failed(topic, &HeaderMap::new(), self.clock.now()),
        })
    }

    async fn list<T>(
        &self,
        topic: Topic,
        path: &str,
        cursor: Option<&str>,
        read: impl Fn(&[u8]) -> Result<Listed<T>, Unusable>,
    ) -> Result<Page<T>, SentryError> {
        let path = match cursor {
            Some(cursor) => format!("{path}&cursor={}", part(cursor)),
            None => path.to_owned(),
        };
        let answer = self.ask(topic, Method::GET, &path, None).await?;
        let listed = self.usable(topic, read(&answer.body))?;
        self.usable(topic, Page::new(listed, &answer.headers, cursor))
    }

    async fn ask(
        &self,
        topic: Topic,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<super::outbound::Answer, SentryError> {
        let _slot = self.pace.slot().await;
        if let Some(until) = self.pace.rests(topic, self.clock.now()) {
            return Err(SentryError::Resting { until });
        }
        let request = Request {
            method,
            url: format!("{}{path}", self.base_url),
            headers: self.headers(body.is_some())?,
            body: body.unwrap_or_default(),
        };
        let answer = self.outbound.fetch(request, SENTRY_ANSWER_BYTES + 1).await;
        let now = self.clock.now();
        let judged = judge(answer, topic, self.pace, now);
        if let Ok(answer) = &judged {
            self.pace.answered(topic, &answer.headers, now);
        }
        judged
    }

    fn headers(&self, has_body: bool) -> Result<HeaderMap, SentryError> {
        let mut token = HeaderValue::from_str(&format!("Bearer {}", self.token))
            .map_err(|_| SentryError::OddToken)?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, token);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if has_body {
            let kind = HeaderValue::from_static("application/json");
            headers.insert(CONTENT_TYPE, kind);
        }
        Ok(headers)
    }

    /// A path below the organisation, with the slash at its end that Sentry wants.
    fn place(&self, parts: &[&str]) -> String {
        let mut path = format!("/api/0/organizations/{}/", part(self.organization));
        for one in parts {
            path.push_str(&part(one));
            path.push('/');
        }
        path
    }
}

/// What stays as it is in a part of a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// Text as one part of a path. Dots alone would lead out of their folder, also when they are
/// encoded: a dash is nobody's name.
fn part(text: &str) -> String {
    if text.bytes().all(|byte| byte == b'.') {
        return "-".to_owned();
    }
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests;

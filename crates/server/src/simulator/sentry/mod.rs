//! A Sentry that can be asked: the part of its REST API that Epicenter uses (SENTRY-PROTOCOL §8),
//! over a small model of issues, with its pages, limits, scopes and the webhooks that follow from
//! a change. It can be told to behave badly.

mod api;
mod bulk;
mod fault;
mod model;
mod pages;

pub use fault::Fault;
pub use model::{FakeIssue, Status};

use crate::clock::Clock;
use crate::simulator::random::Random;
use crate::simulator::webhook::Webhook;
use axum::Router;
use epicenter_domain::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

/// The organisation that it knows.
pub const FAKE_ORGANIZATION: &str = "acme";
/// The token that it knows.
pub const FAKE_TOKEN: &str = "sntrys_token_of_a_robot";

/// One request that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `GET`
    pub method: String,
    /// Path and query.
    pub path: String,
}

#[derive(Debug)]
struct State {
    issues: BTreeMap<u64, FakeIssue>,
    scopes: Vec<String>,
    /// Requests per endpoint and second.
    limit: Option<i64>,
    counts: BTreeMap<(&'static str, i64), i64>,
    once: VecDeque<Fault>,
    always: Option<Fault>,
    has_headers: bool,
    asked: Vec<Asked>,
    webhooks: Vec<Webhook>,
    random: Random,
    note_count: u64,
}

/// The fake. Cheap to share.
#[derive(Clone, Debug)]
pub struct FakeSentry {
    state: Arc<Mutex<State>>,
    clock: Clock,
}

impl FakeSentry {
    /// Without issues; its token may do everything.
    pub fn new(clock: Clock) -> Self {
        let scopes = ["event:read", "event:write", "project:read", "org:read"];
        Self {
            state: Arc::new(Mutex::new(State {
                issues: BTreeMap::new(),
                scopes: scopes.map(str::to_owned).to_vec(),
                limit: None,
                counts: BTreeMap::new(),
                once: VecDeque::new(),
                always: None,
                has_headers: true,
                asked: Vec::new(),
                webhooks: Vec::new(),
                random: Random::new(7),
                note_count: 0,
            })),
            clock,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What answers.
    pub fn router(&self) -> Router {
        api::router(self.clone())
    }

    /// Answers whoever connects, for ever.
    pub async fn serve(self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    /// The token may do this from now on, and nothing else.
    pub fn allow(&self, scopes: &[&str]) {
        self.state().scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    }

    /// It answers so many requests a second, per endpoint.
    pub fn limit(&self, per_second: Option<i64>) {
        self.state().limit = per_second;
    }

    /// It leaves out the headers that only Sentry itself has: limits and counts.
    pub fn leave_headers_out(&self) {
        self.state().has_headers = false;
    }

    /// The next request gets this answer; several wait in line.
    pub fn once(&self, fault: Fault) {
        self.state().once.push_back(fault);
    }

    /// All requests get this answer, until `None`.
    pub fn always(&self, fault: Option<Fault>) {
        self.state().always = fault;
    }

    /// What it was asked since it was looked at last.
    pub fn take_asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state().asked)
    }

    /// The webhooks that changes through the API caused since it was looked at last, not signed.
    pub fn take_webhooks(&self) -> Vec<Webhook> {
        std::mem::take(&mut self.state().webhooks)
    }

    /// All issues, by id.
    pub fn issues(&self) -> Vec<FakeIssue> {
        self.state().issues.values().cloned().collect()
    }

    /// One issue.
    pub fn issue(&self, id: u64) -> Option<FakeIssue> {
        self.state().issues.get(&id).cloned()
    }

    /// Puts an issue there, or replaces it; nobody is told.
    pub fn put(&self, issue: FakeIssue) {
        self.state().issues.insert(issue.id, issue);
    }

    /// Removes an issue; nobody is told.
    pub fn remove(&self, id: u64) {
        self.state().issues.remove(&id);
    }

    /// An issue appears. Answers its webhook, not signed.
    pub fn create(&self, issue: FakeIssue) -> Webhook {
        let webhook = self.webhook(&issue, "created");
        self.put(issue);
        webhook
    }

    /// An issue's status changes, or it is seen again. Answers the webhook; `None`: there is no
    /// such issue.
    pub fn change(&self, id: u64, status: Status) -> Option<Webhook> {
        let mut issue = self.issue(id)?;
        issue.become_status(status);
        let webhook = self.webhook(&issue, status.action());
        self.put(issue);
        Some(webhook)
    }

    /// Another event of an issue happens now; there is no webhook for it.
    pub fn seen_again(&self, id: u64) {
        let now = self.clock.now();
        if let Some(issue) = self.state().issues.get_mut(&id) {
            issue.last_seen_at = now;
            issue.count += 1;
        }
    }

    fn webhook(&self, issue: &FakeIssue, action: &str) -> Webhook {
        let body = issue.hook_body(action);
        let now = self.now_ms();
        Webhook::integration("issue", action, &body, now, &mut self.state().random)
    }

    fn now_ms(&self) -> i64 {
        let Time(now) = self.clock.now();
        now
    }
}

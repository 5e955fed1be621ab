//! What a sender says of an alert that is no issue: a metric over its threshold, an event of the
//! PagerDuty API.

use crate::level::Severity;
use crate::time::Time;

/// The new state of an alert that has no issue.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertFact {
    /// `sentry-metric-{organisation}-{identifier}`, see `sources::sentry::metric_alert`; for other
    /// senders the key that they chose.
    pub dedup_key: String,
    /// The name of a metric alert of Sentry, if its body tells the organisation's name.
    pub metric: Option<MetricName>,
    /// Trigger with a severity, acknowledge or resolve.
    pub state: AlertState,
    /// Title; empty when the sender only says that it is acknowledged or over.
    pub title: String,
    /// The thing that is monitored, when it is not a project: a host, a cluster.
    pub subject: Option<String>,
    /// What the sender says: "132 events in the last 10 minutes".
    pub description: String,
    /// More for the timeline, in Markdown; may be empty.
    pub details: String,
    /// Is the same body twice two facts? So it is where senders repeat what is still true.
    pub is_repeatable: bool,
    /// Web link; only `http` and `https`.
    pub permalink: Option<String>,
    /// Project slugs.
    pub projects: Vec<String>,
    /// The rule's environment.
    pub environment: Option<String>,
    /// When it began.
    pub started_at: Option<Time>,
}

/// What a metric alert of Sentry is called. Its organisation has a name and a number, and not
/// every body tells both.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricName {
    /// The organisation's name.
    pub organization: String,
    /// The organisation's number. A body whose alert Sentry could not serialise has none.
    pub organization_id: Option<String>,
    /// The alert's number within the organisation.
    pub identifier: String,
}

impl MetricName {
    /// The dedup key of the alert, by the organisation's number or its name.
    pub fn key(&self, organization: &str) -> String {
        metric_key(organization, &self.identifier)
    }
}

/// The dedup key of a metric alert of Sentry.
pub fn metric_key(organization: &str, identifier: &str) -> String {
    format!("sentry-metric-{organization}-{identifier}")
}

/// Is it such a key?
pub fn is_metric_key(dedup_key: &str) -> bool {
    dedup_key.starts_with("sentry-metric-")
}

/// State of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// It fires: critical, warning, or open (error).
    Firing(Severity),
    /// Somebody looks at it, says the sender.
    Acknowledged,
    /// It is over.
    Resolved,
}

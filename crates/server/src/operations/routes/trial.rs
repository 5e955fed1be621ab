//! Where would this go: the rules, or a draft of them, asked about a delivery that was stored, a
//! body that somebody pasted, or the newest deliveries at once.

use super::check;
use crate::app::App;
use crate::limits::{API_BODY_BYTES, PREVIEW_DELIVERIES};
use crate::operations::OperationError;
use crate::registry::Entry;
use epicenter_domain::delivery::Headers;
use epicenter_domain::engine::{Origin, Trace, VerdictOutcome, trace};
use epicenter_domain::issue::Issue;
use epicenter_domain::routing::Known;
use epicenter_domain::routing::book::Book;
use epicenter_domain::routing::router::Router;
use epicenter_domain::signal::{Fact, Signal};
use epicenter_domain::sources::{self, Envelope, IntegrationKind, Outcome};
use epicenter_domain::time::Time;
use epicenter_store::deliveries::{self, DeliveryFilter, DeliveryRecord};
use epicenter_store::{Tx, issues, services};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What would become of one body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Title of what it is about.
    pub title: String,
    /// Where it ends, in a few words: the service, `dropped`, `opens nothing`.
    pub end: End,
    /// The way there, as sentences.
    pub path: Vec<String>,
    /// What conditions see of it: field and value, without the empty ones.
    pub fields: Vec<(String, String)>,
}

/// Where a body ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// It opens nothing, whatever the rules say.
    #[default]
    Nothing,
    /// A rule drops it.
    Dropped,
    /// No service takes it.
    Nowhere,
    /// This service.
    Service(i64, String),
}

/// What is asked about.
#[derive(Clone, Debug)]
pub enum Question {
    /// A stored delivery.
    Delivery(i64),
    /// A body as it would come to this integration, with the headers that name its resource.
    Body {
        /// Integration.
        integration_id: i64,
        /// `Sentry-Hook-Resource`, `X-GitHub-Event`…: the value, if the sender tells it so.
        resource: String,
        /// The body.
        body: String,
    },
}

/// One delivery under the rules and under a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The delivery.
    pub delivery_id: i64,
    /// When it was received.
    pub received_at: Time,
    /// Title of what it is about.
    pub title: String,
    /// Now.
    pub old: End,
    /// By the draft.
    pub new: End,
    /// Why, by the draft.
    pub why: Vec<String>,
}

/// What a draft would have done with the newest deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// Deliveries that were looked at.
    pub looked_at: usize,
    /// Those of them that could open an incident.
    pub opening: usize,
    /// How many would go elsewhere than now.
    pub moved: usize,
    /// How many the draft would drop.
    pub dropped: usize,
    /// How many each service has now and would have, by name.
    pub counts: BTreeMap<String, (usize, usize)>,
    /// Those that would go elsewhere, newest first.
    pub changes: Vec<Comparison>,
}

/// A body, read.
struct Read {
    origin: Origin,
    signals: Vec<Signal>,
    issue: Option<Issue>,
    at: Time,
    reason: Option<String>,
}

/// Answers where something would go: by the rules that count, or by a draft.
pub async fn ask(
    app: &App,
    workspace_id: i64,
    question: Question,
    draft: Option<&Book>,
) -> Result<Answer, OperationError> {
    let mut tx = app.database.read().await?;
    let names = service_names(&mut tx, workspace_id).await?;
    let draft = match draft {
        Some(book) => Some(check(&mut tx, workspace_id, book).await?.1),
        None => None,
    };
    let mut read = match question {
        Question::Delivery(id) => {
            let record = deliveries::by_id(&mut tx, workspace_id, id).await?;
            let record = record.ok_or(OperationError::NotFound("delivery"))?;
            let read = stored(app, &mut tx, &record).await?;
            read.ok_or_else(|| {
                let reason = "the body of this delivery, or its integration, is no longer kept";
                OperationError::Conflict(reason.to_owned())
            })?
        }
        Question::Body {
            integration_id,
            resource,
            body,
        } => pasted(app, (workspace_id, integration_id), &resource, &body)?,
    };
    tx.rollback().await?;
    if let Some(router) = draft {
        read.origin = with(&read.origin, Arc::new(router));
    }
    Ok(read.answer(&names))
}

/// Asks a draft about the newest deliveries, beside the rules that count.
pub async fn preview(
    app: &App,
    workspace_id: i64,
    draft: &Book,
) -> Result<Preview, OperationError> {
    let mut tx = app.database.read().await?;
    let names = service_names(&mut tx, workspace_id).await?;
    let router = Arc::new(check(&mut tx, workspace_id, draft).await?.1);
    let mut preview = Preview::default();
    let mut cursor: Option<String> = None;
    let filter = DeliveryFilter::default();
    while preview.looked_at < PREVIEW_DELIVERIES {
        let page = deliveries::list(&mut tx, workspace_id, &filter, cursor.as_deref(), 100).await?;
        let is_first = |record: &&DeliveryRecord| {
            record.replay_of.is_none() && record.outcome != VerdictOutcome::Refused
        };
        for record in page.items.iter().filter(is_first) {
            let Some(old) = stored(app, &mut tx, record).await? else {
                continue;
            };
            preview.looked_at += 1;
            let new = Read {
                origin: with(&old.origin, Arc::clone(&router)),
                signals: old.signals.clone(),
                issue: old.issue.clone(),
                at: old.at,
                reason: old.reason.clone(),
            };
            preview.compare(record, (old.answer(&names), new.answer(&names)));
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    tx.rollback().await?;
    Ok(preview)
}

impl Preview {
    fn compare(&mut self, record: &DeliveryRecord, (old, new): (Answer, Answer)) {
        if old.end == End::Nothing && new.end == End::Nothing {
            return;
        }
        self.opening += 1;
        self.counts.entry(old.end.words().to_owned()).or_default().0 += 1;
        self.counts.entry(new.end.words().to_owned()).or_default().1 += 1;
        self.dropped += usize::from(new.end == End::Dropped);
        if old.end == new.end {
            return;
        }
        self.moved += 1;
        self.changes.push(Comparison {
            delivery_id: record.id,
            received_at: record.received_at,
            title: new.title,
            old: old.end,
            new: new.end,
            why: new.path,
        });
    }
}

impl End {
    /// In a few words.
    pub fn words(&self) -> &str {
        match self {
            Self::Nothing => "opens nothing",
            Self::Dropped => "dropped",
            Self::Nowhere => "no service",
            Self::Service(_, name) => name,
        }
    }
}

/// The same integration under other rules.
fn with(origin: &Origin, router: Arc<Router>) -> Origin {
    Origin {
        routing: Some(router),
        ..origin.clone()
    }
}

/// The header in which a sender of this kind says what a body is.
fn resource_header(kind: IntegrationKind) -> Option<&'static str> {
    match kind {
        IntegrationKind::Sentry => Some("sentry-hook-resource"),
        IntegrationKind::Github => Some("x-github-event"),
        IntegrationKind::Gitlab => Some("x-gitlab-event"),
        IntegrationKind::Vercel
        | IntegrationKind::Events
        | IntegrationKind::Pagerduty
        | IntegrationKind::Own => None,
    }
}

async fn service_names(
    tx: &mut Tx,
    workspace_id: i64,
) -> Result<BTreeMap<i64, String>, OperationError> {
    let all = services::list(tx, workspace_id).await?;
    Ok(all.into_iter().map(|one| (one.id, one.name)).collect())
}

/// Reads a stored delivery again; none: it, or its integration, is gone.
async fn stored(
    app: &App,
    tx: &mut Tx,
    record: &DeliveryRecord,
) -> Result<Option<Read>, OperationError> {
    let registry = app.registry.snapshot();
    let Some(entry) = registry.by_id(record.integration_id) else {
        return Ok(None);
    };
    let Some(unpacked) = deliveries::body(tx, record.id).await? else {
        return Ok(None);
    };
    let envelope = Envelope {
        headers: &unpacked.headers,
        body: &unpacked.body,
        received_at: record.received_at,
    };
    let issue = match record.issue_id {
        Some(id) => issues::by_id(tx, entry.origin.workspace_id, id).await?,
        None => None,
    };
    Ok(Some(read(entry, envelope, issue)))
}

/// Reads a body that nobody sent.
fn pasted(
    app: &App,
    (workspace_id, integration_id): (i64, i64),
    resource: &str,
    body: &str,
) -> Result<Read, OperationError> {
    if body.len() > API_BODY_BYTES {
        return Err(OperationError::invalid("payload", "is too large"));
    }
    let registry = app.registry.snapshot();
    let entry = (registry.by_id(integration_id))
        .filter(|entry| entry.origin.workspace_id == workspace_id)
        .ok_or_else(|| OperationError::invalid("integration", "there is no such integration"))?;
    let resource = Some(resource.trim()).filter(|text| !text.is_empty());
    let headers = Headers::new(resource_header(entry.kind).zip(resource));
    let envelope = Envelope {
        headers: &headers,
        body: body.as_bytes(),
        received_at: app.clock.now(),
    };
    Ok(read(entry, envelope, None))
}

fn read(entry: &Entry, envelope: Envelope<'_>, issue: Option<Issue>) -> Read {
    let reading = sources::read_whole(entry.kind, envelope);
    let reason = match &reading.outcome {
        Outcome::NotUnderstood(reason) | Outcome::Ignored(reason) => Some(reason.clone()),
        Outcome::Signal(_) | Outcome::Signals(_) => None,
    };
    Read {
        origin: entry.origin.clone(),
        signals: reading.outcome.signals().to_vec(),
        issue,
        at: envelope.received_at,
        reason,
    }
}

impl Read {
    /// Asks the rules about the first signal that could open something, or else about the first.
    fn answer(&self, names: &BTreeMap<i64, String>) -> Answer {
        let traces: Vec<Trace> = (self.signals.iter())
            .map(|signal| trace(&self.origin, signal, self.known(signal), self.at))
            .collect();
        let Some(trace) = (traces.iter().find(|it| it.opens)).or(traces.first()) else {
            return Answer {
                path: self.reason.iter().cloned().collect(),
                ..Answer::default()
            };
        };
        let (end, path) = if !trace.opens {
            let why = if trace.subject.is_resolve {
                "It says that something is over: no rule can drop that, and it goes to the \
                 incident that it closes"
            } else {
                "It opens no incident, so no rule is asked"
            };
            (End::Nothing, vec![why.to_owned()])
        } else if let Some(reason) = &trace.dropped {
            (End::Dropped, vec![reason.clone()])
        } else {
            let end = match trace.service_id {
                None => End::Nowhere,
                Some(id) => {
                    let name = names.get(&id).map_or("a deleted service", String::as_str);
                    End::Service(id, name.to_owned())
                }
            };
            (end, trace.routed.path.clone())
        };
        Answer {
            title: trace.subject.title.clone(),
            end,
            path,
            fields: fields(trace),
        }
    }

    fn known(&self, signal: &Signal) -> Known<'_> {
        let is_issue = matches!(signal.fact, Fact::Issue(_));
        self.issue
            .as_ref()
            .filter(|_| is_issue)
            .map(|issue| Known {
                project: issue.project_slug.as_deref(),
                environment: issue.environment.as_deref(),
                release: issue.release.as_deref(),
                culprit: issue.culprit.as_deref(),
            })
            .unwrap_or_default()
    }
}

fn fields(trace: &Trace) -> Vec<(String, String)> {
    use epicenter_domain::routing::Field;
    use epicenter_domain::routing::subject::NAMES;
    let named = NAMES.into_iter().map(Field::Named);
    let tags = trace.subject.tags.keys().cloned().map(Field::Tag);
    named
        .chain(tags)
        .map(|field| (field.to_string(), trace.subject.text(&field)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

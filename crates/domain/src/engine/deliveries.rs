//! One delivery: de-duplicate, then apply its signal. Ends in a verdict, always.

use super::{Context, Slice, alerts, changes, issues, memory, timeline};
use crate::id::IdKind;
use crate::incident::MarkKind;
use crate::signal::{Fact, InstallationFact, IssueChange, IssueStatus, Remark, Signal};
use crate::sources::{Outcome, Reading};
use sha2::{Digest, Sha256};

/// One read delivery, ready to be applied.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What was read.
    pub reading: Reading,
    /// Hash of what the payload identifies, see [`identity_hash`].
    pub identity: [u8; 16],
    /// A person asked to apply it once more, under today's rules.
    pub is_replay: bool,
}

/// Why a delivery went where it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Outcome.
    pub outcome: VerdictOutcome,
    /// A sentence.
    pub reason: String,
    /// The incident it touched.
    pub incident_id: Option<i64>,
    /// The issue it touched.
    pub issue_id: Option<i64>,
}

/// The outcomes of DESIGN §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VerdictOutcome {
    /// Stored, not applied yet.
    Pending,
    /// Applied.
    Applied,
    /// Already known.
    Duplicate,
    /// Understood, nothing to do.
    Ignored,
    /// Kept and shown.
    NotUnderstood,
    /// Made the code fail five times.
    Parked,
    /// Not proven; a sample for the diagnosis.
    Refused,
}

impl VerdictOutcome {
    /// All.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Applied,
        Self::Duplicate,
        Self::Ignored,
        Self::NotUnderstood,
        Self::Parked,
        Self::Refused,
    ];

    /// The word as the API and the store write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::NotUnderstood => "not_understood",
            Self::Parked => "parked",
            Self::Refused => "refused",
        }
    }

    /// Reads the API's word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

impl Verdict {
    /// A verdict that touches nothing.
    pub fn plain(outcome: VerdictOutcome, reason: impl Into<String>) -> Self {
        Self {
            outcome,
            reason: reason.into(),
            incident_id: None,
            issue_id: None,
        }
    }

    /// Of two facts of one delivery: both sentences, and what either touched.
    fn and(self, next: &Self) -> Self {
        let first = self.reason.trim_end_matches('.');
        Self {
            outcome: self.outcome.min(next.outcome),
            reason: format!("{first}. {}", next.reason),
            incident_id: self.incident_id.or(next.incident_id),
            issue_id: self.issue_id.or(next.issue_id),
        }
    }

    /// Applied, with what it touched.
    pub(super) fn applied(
        reason: impl Into<String>,
        incident_id: Option<i64>,
        issue_id: Option<i64>,
    ) -> Self {
        Self {
            outcome: VerdictOutcome::Applied,
            reason: reason.into(),
            incident_id,
            issue_id,
        }
    }
}

/// Hash of what a payload identifies; the exact bytes when it names nothing.
pub fn identity_hash(reading: &Reading, body: &[u8]) -> [u8; 16] {
    let digest = match &reading.identity {
        Some(identity) => Sha256::digest(identity.as_bytes()),
        None => Sha256::digest(body),
    };
    let mut hash = [0; 16];
    hash.iter_mut()
        .zip(digest.iter())
        .for_each(|(to, from)| *to = *from);
    hash
}

/// Applies one delivery to the slice.
pub fn apply_delivery(slice: &mut Slice, context: &mut Context<'_>, input: &Input) -> Verdict {
    let signals = match &input.reading.outcome {
        Outcome::NotUnderstood(reason) => {
            return Verdict::plain(VerdictOutcome::NotUnderstood, reason.clone());
        }
        Outcome::Ignored(reason) => {
            return Verdict::plain(VerdictOutcome::Ignored, reason.clone());
        }
        Outcome::Signal(_) | Outcome::Signals(_) => input.reading.outcome.signals(),
    };
    let Some((first, rest)) = signals.split_first() else {
        return Verdict::plain(VerdictOutcome::Ignored, "There is nothing to do.");
    };
    if let Some(verdict) = absorb_duplicate(slice, context, input, first) {
        return verdict;
    }
    let verdict = apply_and_keep(slice, context, input, (0, first));
    rest.iter()
        .zip(1..)
        .fold(verdict, |verdict, (signal, position)| {
            verdict.and(&apply_and_keep(slice, context, input, (position, signal)))
        })
}

fn apply_and_keep(
    slice: &mut Slice,
    context: &mut Context<'_>,
    input: &Input,
    (position, signal): (usize, &Signal),
) -> Verdict {
    let before = memory::Before::of(slice, context, signal);
    let lines = slice.timeline.len();
    let verdict = apply_signal(slice, context, signal);
    let news = (position, signal, &before, lines);
    memory::keep(slice, context, input, news, &verdict);
    verdict
}

fn apply_signal(slice: &mut Slice, context: &mut Context<'_>, signal: &Signal) -> Verdict {
    match &signal.fact {
        Fact::Issue(fact) => issues::apply(slice, context, signal, fact),
        Fact::Alert(fact) => alerts::apply(slice, context, signal, fact),
        Fact::Installation(fact) => installation(slice, context, signal, fact),
        Fact::Remark(remark) => workspace_remark(slice, context, signal, remark),
        Fact::Change(fact) => changes::apply(slice, context, signal, fact),
    }
}

/// Answers for a payload that is already known, or remembers it.
fn absorb_duplicate(
    slice: &mut Slice,
    context: &Context<'_>,
    input: &Input,
    signal: &Signal,
) -> Option<Verdict> {
    if matches!(&signal.fact, Fact::Alert(fact) if fact.is_repeatable) {
        return None;
    }
    let delivery_id = context.delivery_id.filter(|_| !input.is_replay)?;
    let place = (context.origin.integration_id, input.identity);
    if let Some(first) = slice.identities.get(&place)
        && !is_new_episode(slice, context, signal)
    {
        let first = IdKind::Delivery.show(*first);
        let reason = format!("The same fact came before, in {first}");
        return Some(Verdict::plain(VerdictOutcome::Duplicate, reason));
    }
    if slice.identities.insert(place, delivery_id).is_none() {
        slice.new_identities.push(super::NewIdentity {
            integration_id: place.0,
            hash: place.1,
            delivery_id,
        });
    }
    None
}

/// A change of status can be sent twice with equal bodies and still be two facts: resolved,
/// unresolved, resolved. It is new when the state moved away in between and this one was sent
/// later.
fn is_new_episode(slice: &Slice, context: &Context<'_>, signal: &Signal) -> bool {
    let Fact::Issue(fact) = &signal.fact else {
        return false;
    };
    let (status, kind) = match &fact.change {
        IssueChange::Resolved(_) => (IssueStatus::Resolved, MarkKind::Resolved),
        IssueChange::Unresolved => (IssueStatus::Unresolved, MarkKind::Unresolved),
        IssueChange::Archived { .. } => (IssueStatus::Ignored, MarkKind::Archived),
        IssueChange::Created
        | IssueChange::AlertFired { .. }
        | IssueChange::Reported { .. }
        | IssueChange::Occurred { .. }
        | IssueChange::Assigned(_)
        | IssueChange::Commented { .. }
        | IssueChange::Remark(_) => return false,
    };
    let key = (context.origin.integration_id, fact.issue.key.dedup_key());
    let moved = slice
        .issues
        .get(&key)
        .is_some_and(|issue| issue.row.status != status);
    let Some(applied) = slice.alert(&key).and_then(|alert| alert.status_mark) else {
        return false;
    };
    let later = match (signal.when.sent_at, applied.when.sent_at) {
        (Some(mine), Some(theirs)) => mine > theirs,
        _ => false,
    };
    moved && applied.kind != kind && later
}

fn installation(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    fact: &InstallationFact,
) -> Verdict {
    let organization = fact
        .organization
        .as_deref()
        .unwrap_or("an unnamed organisation");
    let (kind, summary) = if fact.deleted {
        (
            "installation.deleted",
            format!("The integration was removed from {organization}: Sentry stops sending"),
        )
    } else {
        (
            "installation.created",
            format!("The integration was installed in {organization}"),
        )
    };
    slice
        .installations
        .push((context.origin.integration_id, fact.clone()));
    timeline::write(
        slice,
        context,
        timeline::Line::new(kind, &summary).by(signal),
    );
    Verdict::applied(summary, None, None)
}

fn workspace_remark(
    slice: &mut Slice,
    context: &mut Context<'_>,
    signal: &Signal,
    remark: &Remark,
) -> Verdict {
    let line = timeline::Line::new(&remark.kind, &remark.summary)
        .body(&remark.body)
        .by(signal);
    timeline::write(slice, context, line);
    Verdict::applied(format!("Noted: {}", remark.summary), None, None)
}

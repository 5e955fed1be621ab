//! Makes, edits and ends silences, and says what one would mute.

use super::{WantedWeekly, commit_with_plans, fault, must_be_sound};
use crate::app::App;
use crate::limits::{PLAN_SILENCES, PREVIEW_INCIDENTS, PREVIEW_WEEK, SILENCE_MS};
use crate::operations::OperationError;
use epicenter_domain::incident::{Incident, IncidentStatus};
use epicenter_domain::limits::{MESSAGE_BYTES, NAME_CHARS};
use epicenter_domain::routing::condition::{Form, Joint, Operator, Row};
use epicenter_domain::routing::mute::{Edit, Silence, Until};
use epicenter_domain::routing::{Condition, Field, Subject};
use epicenter_domain::sources::Fault;
use epicenter_domain::time::{DAY_MS, Time};
use epicenter_store::incidents::{self, IncidentFilter};
use epicenter_store::notices::silences;
use epicenter_store::{StoreError, Tx, services};
use std::collections::BTreeMap;

/// What a silence should be, still in words; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct WantedSilence {
    /// What it matches.
    pub condition: Option<WantedCondition>,
    /// From when; a new one: from now on.
    pub starts_at: Option<Time>,
    /// Until when.
    pub ends_at: Option<Time>,
    /// Between the two only then.
    pub weekly: Option<WantedWeekly>,
    /// What ends it earlier.
    pub until: Option<Until>,
    /// Why.
    pub comment: Option<String>,
    /// Save it although it looks at nothing?
    pub is_confirmed: bool,
}

/// What a silence matches: a text, the form that writes it, or what an incident is.
#[derive(Clone, Debug)]
pub enum WantedCondition {
    /// CEL.
    Text(String),
    /// The form.
    Form(Form),
    /// More like this incident.
    Incident(i64),
}

/// What a silence would mute now.
#[derive(Clone, Debug)]
pub struct Impact {
    /// Open incidents that were looked at.
    pub open_count: usize,
    /// Those that it matches, newest first.
    pub matched: Vec<Incident>,
    /// Are there more open incidents than were looked at?
    pub has_more: bool,
    /// Incidents of the last seven days that it would have muted, and how many were looked at.
    pub week: (usize, usize),
}

/// The condition for more of what an incident is: the same title in the same project.
pub fn like(incident: &Incident) -> Form {
    let row = |name: &'static str, value: &str| Row {
        field: Field::Named(name),
        operator: Operator::Is,
        values: vec![value.to_owned()],
    };
    let project = incident.project.as_deref().filter(|it| !it.is_empty());
    let rows = [
        Some(row("title", &incident.title)),
        project.map(|it| row("project", it)),
    ];
    Form {
        joint: Joint::All,
        rows: rows.into_iter().flatten().collect(),
    }
}

async fn read_condition(
    tx: &mut Tx,
    workspace_id: i64,
    wanted: WantedCondition,
) -> Result<Condition, OperationError> {
    let (field, read) = match wanted {
        WantedCondition::Text(text) => ("condition", Condition::parse(&text)),
        WantedCondition::Form(form) => ("form", form.condition()),
        WantedCondition::Incident(id) => {
            let found = incidents::by_id(tx, workspace_id, id).await?;
            let incident = found
                .ok_or_else(|| OperationError::Faults(vec![fault("incident", "is no incident")]))?;
            ("incident", like(&incident).condition())
        }
    };
    read.map_err(|error| OperationError::Faults(vec![fault(field, error.to_string())]))
}

/// Puts what was wanted into a silence, and collects what is wrong.
fn put(silence: &mut Silence, wanted: WantedSilence, now: Time) -> Vec<Fault> {
    let mut faults = Vec::new();
    silence.starts_at = wanted.starts_at.unwrap_or(silence.starts_at);
    silence.ends_at = wanted.ends_at.unwrap_or(silence.ends_at);
    let length_ms = silence.ends_at.since_ms(silence.starts_at.max(now));
    if length_ms <= 0 {
        faults.push(fault(
            "ends_at",
            "must be in the future, and after the start",
        ));
    } else if length_ms > SILENCE_MS {
        let text = "must be within a year: what is muted for longer wants a rule in Sentry";
        faults.push(fault("ends_at", text));
    }
    if let Some(weekly) = wanted.weekly {
        silence.schedule = weekly.read("weekly", &mut faults);
    }
    if let Some(until) = wanted.until {
        let is_odd = match &until {
            Until::End => false,
            Until::Release(release) => {
                release.trim().is_empty() || release.chars().count() > NAME_CHARS
            }
            Until::Users(users) => *users < 1,
        };
        if is_odd {
            let text = "must be the name of a release, or a number of users above 0";
            faults.push(fault("until", text));
        }
        silence.until = until;
    }
    if let Some(comment) = wanted.comment {
        comment.trim().clone_into(&mut silence.comment);
        if comment.len() > MESSAGE_BYTES {
            let text = format!("is longer than {MESSAGE_BYTES} bytes");
            faults.push(fault("comment", text));
        }
    }
    faults
}

/// What to confirm before a silence with this condition is saved.
pub fn warning(condition: &Condition) -> Option<&'static str> {
    let nothing = Silence {
        id: 0,
        condition: condition.clone(),
        starts_at: Time(0),
        ends_at: Time(0),
        schedule: None,
        until: Until::End,
        author: String::new(),
        comment: String::new(),
    };
    nothing.warning()
}

fn must_be_meant(silence: &Silence, is_confirmed: bool) -> Result<(), OperationError> {
    match silence.warning() {
        Some(warning) if !is_confirmed => Err(OperationError::Conflict(format!(
            "{warning}. Send confirm=true if that is meant"
        ))),
        Some(_) | None => Ok(()),
    }
}

/// Makes a silence. Answers its id.
pub async fn create(
    app: &App,
    workspace_id: i64,
    mut wanted: WantedSilence,
    author: &str,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write().await?;
    let kept = silences::ending_after(&mut tx, workspace_id, now, PLAN_SILENCES).await?;
    if i64::try_from(kept.len()).unwrap_or(i64::MAX) >= PLAN_SILENCES {
        let reason = format!("there are {PLAN_SILENCES} silences already; end some first");
        return Err(OperationError::Conflict(reason));
    }
    let Some(condition) = wanted.condition.take() else {
        let text = "is needed, or a form, or an incident: what to mute";
        return must_be_sound(vec![fault("condition", text)]).map(|()| 0);
    };
    if wanted.ends_at.is_none() {
        let text = "is needed: every silence has an end";
        return must_be_sound(vec![fault("ends_at", text)]).map(|()| 0);
    }
    let mut silence = Silence {
        id: app.ids.next(now),
        condition: read_condition(&mut tx, workspace_id, condition).await?,
        starts_at: now,
        ends_at: now,
        schedule: None,
        until: Until::End,
        author: author.to_owned(),
        comment: String::new(),
    };
    let is_confirmed = wanted.is_confirmed;
    must_be_sound(put(&mut silence, wanted, now))?;
    must_be_meant(&silence, is_confirmed)?;
    silences::save(&mut tx, workspace_id, &silence).await?;
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(silence.id)
}

/// Edits a silence. Answers the id that it has now: an edit that would rewrite what it has done
/// ends it, and begins a new one (FIELD case 47).
pub async fn edit(
    app: &App,
    (workspace_id, id): (i64, i64),
    mut wanted: WantedSilence,
) -> Result<i64, OperationError> {
    let now = app.clock.now();
    // One after the other, also on PostgreSQL: who comes second sees what the first has done.
    let mut tx = app.database.write_state().await?;
    let found = silences::find(&mut tx, workspace_id, id).await?;
    let before = found.ok_or(OperationError::NotFound("silence"))?;
    let mut changed = before.clone();
    if let Some(condition) = wanted.condition.take() {
        changed.condition = read_condition(&mut tx, workspace_id, condition).await?;
    }
    let is_confirmed = wanted.is_confirmed || before.condition == changed.condition;
    must_be_sound(put(&mut changed, wanted, now))?;
    must_be_meant(&changed, is_confirmed)?;
    let id = match before.edit(changed, now) {
        Edit::InPlace(silence) => {
            silences::save(&mut tx, workspace_id, &silence).await?;
            silence.id
        }
        Edit::Replace {
            expired,
            mut created,
        } => {
            created.id = app.ids.next(now);
            silences::save(&mut tx, workspace_id, &expired).await?;
            silences::save(&mut tx, workspace_id, &created).await?;
            created.id
        }
    };
    commit_with_plans(app, tx, workspace_id).await?;
    Ok(id)
}

/// Ends a silence now; one that has ended stays as it is.
pub async fn expire(app: &App, workspace_id: i64, id: i64) -> Result<(), OperationError> {
    let now = app.clock.now();
    let mut tx = app.database.write_state().await?;
    let found = silences::find(&mut tx, workspace_id, id).await?;
    let mut silence = found.ok_or(OperationError::NotFound("silence"))?;
    if silence.ends_at > now {
        silence.ends_at = now;
        silences::save(&mut tx, workspace_id, &silence).await?;
        commit_with_plans(app, tx, workspace_id).await?;
    }
    Ok(())
}

/// What a silence with this condition would mute of what is open now.
pub async fn preview(
    app: &App,
    workspace_id: i64,
    wanted: WantedCondition,
) -> Result<(Condition, Impact), OperationError> {
    let mut tx = app.database.read().await?;
    let condition = read_condition(&mut tx, workspace_id, wanted).await?;
    let since = app.clock.now().plus_ms(-7 * DAY_MS);
    let impact = impact(&mut tx, workspace_id, (&condition, since)).await?;
    tx.rollback().await?;
    Ok((condition, impact))
}

async fn impact(
    tx: &mut Tx,
    workspace_id: i64,
    (condition, since): (&Condition, Time),
) -> Result<Impact, StoreError> {
    let all = services::list(tx, workspace_id).await?;
    let names: BTreeMap<i64, String> = all.into_iter().map(|one| (one.id, one.name)).collect();
    let filter = IncidentFilter {
        statuses: vec![
            IncidentStatus::Suspended,
            IncidentStatus::Triggered,
            IncidentStatus::Acknowledged,
        ],
        ..IncidentFilter::default()
    };
    let mut impact = Impact {
        open_count: 0,
        matched: Vec::new(),
        has_more: false,
        week: (0, 0),
    };
    let is_met = |incident: &Incident| {
        let service = incident.service_id.and_then(|id| names.get(&id));
        let service = service.map_or("", String::as_str);
        condition.is_met(&Subject::of_incident(incident, service))
    };
    let week = incidents::opened_since(tx, workspace_id, since, PREVIEW_WEEK).await?;
    impact.week = (week.iter().filter(|one| is_met(one)).count(), week.len());
    let mut cursor: Option<String> = None;
    loop {
        let page = incidents::list(tx, workspace_id, &filter, cursor.as_deref(), 100).await?;
        impact.open_count += page.items.len();
        impact.matched.extend(page.items.into_iter().filter(is_met));
        cursor = page.next_cursor;
        impact.has_more = cursor.is_some();
        if cursor.is_none() || impact.open_count >= PREVIEW_INCIDENTS {
            return Ok(impact);
        }
    }
}

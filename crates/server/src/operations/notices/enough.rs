//! People who had enough notices: what is above their ceiling waits, and comes bundled.

use crate::app::App;
use crate::limits::PERSON_NOTICES;
use epicenter_domain::incident::TimelineEntry;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::{Digest, DigestLine, Link};
use epicenter_domain::routing::limits::{Ceiling, PERSON_WINDOW_MS};
use epicenter_domain::signal::Actor;
use epicenter_domain::time::Time;
use epicenter_store::people::pages_owed::OwedPage;
use epicenter_store::people::{ceilings, settings};
use epicenter_store::{StoreError, Tx, incidents, timeline, users};

/// Holds a page that was taken off the queue, if its person had enough; its incident says so.
pub(super) async fn hold(
    app: &App,
    tx: &mut Tx,
    (page, user_id): (&OwedPage, i64),
    now: Time,
) -> Result<bool, StoreError> {
    let mut set = settings::of_users(tx, &[user_id]).await?;
    if !set.remove(&user_id).unwrap_or_default().has_ceiling {
        return Ok(false);
    }
    let since = now.plus_ms(-PERSON_WINDOW_MS);
    let told_at = ceilings::told_since(tx, user_id, since, PERSON_NOTICES).await?;
    let ceiling = Ceiling::of_person(told_at);
    let name = users::by_id(tx, user_id).await?.map(|user| user.name);
    let name = name.unwrap_or_else(|| "A person who is gone".to_owned());
    let Some((until, reason)) = ceiling.holds(&name, now) else {
        return Ok(false);
    };
    ceilings::hold_page(tx, page, until).await?;
    let line = TimelineEntry {
        id: app.ids.next(now),
        workspace_id: page.workspace_id,
        incident_id: Some(page.incident_id),
        issue_id: None,
        at: now,
        occurred_at: None,
        kind: "escalation.held".to_owned(),
        actor: Actor::epicenter(),
        summary: format!("{reason}, bundled"),
        body: String::new(),
        delivery_id: None,
    };
    timeline::add(tx, std::slice::from_ref(&line)).await?;
    Ok(true)
}

/// The pages that come together, as one message; none, when there is only one.
pub(super) async fn bundle(
    app: &App,
    tx: &mut Tx,
    (page, held): (&OwedPage, &[OwedPage]),
) -> Result<Option<Digest>, StoreError> {
    if held.is_empty() {
        return Ok(None);
    }
    let base_url = app.config.base_url();
    let mut lines: Vec<DigestLine> = Vec::new();
    for one in std::iter::once(page).chain(held) {
        let found = incidents::by_id(tx, one.workspace_id, one.incident_id).await?;
        let Some(incident) = found else { continue };
        let number = incident.number;
        lines.push(DigestLine {
            severity: incident.severity,
            link: Link {
                text: format!("#{number} {}", incident.title),
                url: format!("{base_url}/incidents/{number}"),
            },
            note: one.reason.clone(),
        });
    }
    let severity = lines.iter().map(|line| line.severity).max();
    Ok(Some(Digest {
        title: format!("{} incidents wait for you", lines.len()),
        text: String::new(),
        severity: severity.unwrap_or(Severity::Error),
        lines,
        more: 0,
        link: Some(Link {
            text: "All open incidents".to_owned(),
            url: format!("{base_url}/incidents"),
        }),
    }))
}

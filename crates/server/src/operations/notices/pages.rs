//! The pages that escalations owe become notices: to a destination, or to each way in which a person
//! can be reached.

use super::scene::{Scene, Workspace};
use super::{compose, enough};
use crate::app::App;
use crate::limits::SEND_BATCH;
use epicenter_domain::id::IdKind;
use epicenter_domain::notification::{Kind, Notice, Subject};
use epicenter_domain::time::Time;
use epicenter_store::notices::outbox::{self, OutboxRecord};
use epicenter_store::people::ceilings;
use epicenter_store::people::contacts::{self, ContactWay};
use epicenter_store::people::pages_owed::{self, OwedPage, Recipient};
use epicenter_store::{StoreError, Tx, users};

/// Takes over the pages that are due; answers how many.
pub async fn page_due(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now();
    let mut tx = app.database.read().await?;
    let due = pages_owed::due(&mut tx, now, SEND_BATCH).await?;
    tx.rollback().await?;
    for page in &due {
        let mut tx = app.database.write_state().await?;
        if pages_owed::take(&mut tx, page.id).await? {
            take_over(app, &mut tx, page, now).await?;
        }
        tx.commit().await?;
    }
    if !due.is_empty() {
        app.owed.notify_one();
    }
    Ok(due.len())
}

async fn take_over(app: &App, tx: &mut Tx, page: &OwedPage, now: Time) -> Result<(), StoreError> {
    let mut held = Vec::new();
    if let Recipient::Person(user_id) = page.to {
        if enough::hold(app, tx, (page, user_id), now).await? {
            return Ok(());
        }
        held = ceilings::take_held(tx, user_id, now).await?;
    }
    let ways = match page.to {
        Recipient::Destination(id) => vec![ContactWay::Destination(id)],
        Recipient::Person(user_id) => {
            let known = contacts::of_user(tx, user_id).await?;
            let mut ways: Vec<ContactWay> = known.into_iter().map(|contact| contact.way).collect();
            if ways.is_empty() {
                // Whoever named no way has at least the address of the account.
                let user = users::by_id(tx, user_id).await?;
                ways.extend(user.map(|user| ContactWay::Email(user.email)));
            }
            ways
        }
    };
    let workspace = Workspace::load(tx, page.workspace_id, now).await?;
    let about = (page.workspace_id, page.incident_id);
    let Some(scene) = Scene::load(tx, about, &workspace.services).await? else {
        return Ok(());
    };
    let facts = compose::facts(app, tx, (&workspace, &scene)).await?;
    let bundle = enough::bundle(app, tx, (page, &held)).await?;
    for way in ways {
        let (destination_id, address) = match way {
            ContactWay::Destination(id) => (Some(id), None),
            ContactWay::Email(address) => (None, Some(address)),
        };
        let id = app.ids.next(now);
        let key = IdKind::Notification.show(id);
        let words = (String::new(), page.reason.clone());
        let single = compose::notice(&facts, Kind::Escalated, words, (key, now));
        let notice = match &bundle {
            None => single,
            Some(bundle) => Notice {
                subject: Subject::Digest(bundle.clone()),
                reason: "What came above the ceiling on this person's notices".to_owned(),
                ..single
            },
        };
        let record = OutboxRecord {
            id,
            workspace_id: page.workspace_id,
            destination_id,
            address,
            incident_id: Some(page.incident_id),
            notice,
            state: "waiting".to_owned(),
            due_at: now,
            attempt_count: 0,
            created_at: now,
            done_at: None,
            last_answer: None,
        };
        outbox::owe(tx, &record).await?;
    }
    Ok(())
}

//! Who is on call at the demo's company, and where they are told: made by the operations that the
//! pages use.

use super::chat::{Chat, MEMBER, TEAM};
use crate::app::App;
use crate::operations::accounts::{self, DEFAULT_WORKSPACE, Person};
use crate::operations::notice_settings::WantedTarget;
use crate::operations::notice_settings::destinations::{self, WantedDestination};
use crate::operations::people::schedules::{self, WantedLayer, WantedSchedule};
use crate::operations::people::{contacts, escalations};
use crate::operations::slack::link_member;
use crate::operations::{OperationError, digests};
use crate::simulator::company::PEOPLE;
use epicenter_domain::escalation::calendar::{Date, Zone};
use epicenter_domain::escalation::policy::{Policy, Step, Target};
use epicenter_store::people::contacts::ContactWay;
use epicenter_store::people::owners::ServiceOwner;
use epicenter_store::services;
use epicenter_store::users::Role;

/// People who take turns.
const ON_CALL: usize = 3;
/// Seconds before an escalation moves on: in a demo one wants to see it.
const MOVES_ON_S: u32 = 60;

/// A channel of the chat as a destination. Answers its id.
async fn channel(
    app: &App,
    (chat, api): (&Chat, &str),
    (name, least): (&str, &str),
) -> Result<i64, OperationError> {
    let parts = [
        ("token", chat.token.clone()),
        ("channel_name", name.to_owned()),
        ("signing_secret", chat.secret.clone()),
        ("api", api.to_owned()),
    ];
    let wanted = WantedDestination {
        name: Some(format!("Slack {name}")),
        target: Some(WantedTarget {
            channel: Some("slack_bot".to_owned()),
            parts: parts.into(),
        }),
        least_severity: Some(least.to_owned()),
        ..WantedDestination::default()
    };
    destinations::create(app, DEFAULT_WORKSPACE, wanted).await
}

/// Channels, people on call, an escalation policy for every service, and a digest.
pub(super) async fn hire(app: &App, chat: (&Chat, &str), dana: i64) -> Result<(), OperationError> {
    let alerts = channel(app, chat, ("#alerts", "")).await?;
    let pages = channel(app, chat, ("#on-call", "critical")).await?;
    digests::set_for_destination(
        app,
        (DEFAULT_WORKSPACE, alerts),
        Some(("09:00", "Europe/Lisbon")),
    )
    .await?;
    digests::send_now(app, (DEFAULT_WORKSPACE, alerts), "The demo").await?;
    let names = (TEAM, MEMBER, "Dana Demo");
    link_member(app, (DEFAULT_WORKSPACE, dana), names).await?;
    let mut people = Vec::new();
    for person in PEOPLE.iter().take(ON_CALL) {
        let person = Person {
            email: person.email.to_owned(),
            name: person.name.to_owned(),
            password: accounts::random_hex(16)?,
            role: Role::Responder,
        };
        let id = accounts::create_user(app, person).await?;
        let way = ContactWay::Destination(pages);
        contacts::add(app, (DEFAULT_WORKSPACE, id), way).await?;
        people.push(id);
    }
    let schedule = take_turns(app, &people).await?;
    let step = |delay_s, target| Step {
        delay_s,
        targets: vec![target],
    };
    let policy = Policy {
        name: "Whoever is on call, then Dana".to_owned(),
        steps: vec![
            step(0, Target::Schedule(schedule)),
            step(MOVES_ON_S, Target::Destination(alerts)),
        ],
        repeat: 1,
        repeat_after_s: 300,
        acknowledge_timeout_s: 1_800,
        then: None,
    };
    let policy = escalations::create(app, DEFAULT_WORKSPACE, policy).await?;
    let mut tx = app.database.read().await?;
    let all = services::list(&mut tx, DEFAULT_WORKSPACE).await?;
    tx.rollback().await?;
    for service in all {
        let owner = ServiceOwner {
            team_id: None,
            escalation_id: Some(policy),
        };
        escalations::set_owner(app, (DEFAULT_WORKSPACE, service.id), owner).await?;
    }
    Ok(())
}

/// A schedule in which they take weekly turns. Answers its id.
async fn take_turns(app: &App, people: &[i64]) -> Result<i64, OperationError> {
    let today = Date::of(&Zone::utc(), app.clock.now());
    let layer = WantedLayer {
        name: "Weekly".to_owned(),
        participants: people.iter().copied().map(Some).collect(),
        unit: "weeks".to_owned(),
        every: 1,
        starts_on: today.plus_days(-7).show(),
        hand_over: "09:00".to_owned(),
        windows: Vec::new(),
    };
    let wanted = WantedSchedule {
        name: "Shop on call".to_owned(),
        zone: "Europe/Lisbon".to_owned(),
        layers: vec![layer],
    };
    schedules::create(app, DEFAULT_WORKSPACE, &wanted).await
}

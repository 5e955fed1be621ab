//! `epicenter demo`: a real server on a temporary database, and a company that does not exist.
//!
//! Nothing here is a feature of its own: the server is the one of `serve`, the account, services
//! and integrations are made by the same operations as everywhere, and every webhook comes in
//! through the HTTP door.

mod chat;
mod company;
mod crew;
mod storm;
mod upstream;

use super::{Outcome, serve, terminal};
use crate::app::{App, Running};
use crate::clock::Clock;
use crate::config::{Config, Environment, OutboundConfig, SyncConfig};
use crate::operations::accounts::{self, DEFAULT_WORKSPACE, Person};
use crate::operations::command_incident::command_incident;
use crate::operations::integrations::{self, NewIntegrationRequest};
use crate::operations::rank_suspects::rank_due;
use crate::operations::suspect_feedback::{Opinion, say};
use crate::operations::{OperationError, repositories, services};
use crate::simulator::company::{PEOPLE, PROJECTS};
use crate::{telemetry, workers};
use chat::Chat;
use clap::Args;
use company::{Company, Doors, Pace};
use epicenter_domain::incident::{Command, IncidentStatus};
use epicenter_domain::signal::{Actor, ActorKind, Assignee};
use epicenter_domain::time::{DAY_MS, HOUR_MS, Time};
use epicenter_store::incidents::{self, IncidentFilter};
use epicenter_store::suspects;
use epicenter_store::users::Role;
use reqwest::Url;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use upstream::{SILENCE_MS, Upstream};

/// The demo's login. The database is temporary and only this machine can reach it.
const EMAIL: &str = "demo@harbor.example";
const PASSWORD: &str = "harbor-goods-demo";
/// How far back the history begins.
const HISTORY_MS: i64 = 7 * DAY_MS + HOUR_MS;

#[derive(Debug, Args)]
pub(super) struct DemoOptions {
    /// Where to serve; a free port is taken if this one is in use
    #[arg(long, default_value = "127.0.0.1:7070")]
    listen: SocketAddr,
    /// How many times faster than real the company lives
    #[arg(long, default_value_t = 1)]
    speed: u32,
    /// End after the history and this many seconds
    #[arg(long, hide = true)]
    seconds: Option<u64>,
}

pub(super) async fn run(options: &DemoOptions, environment: &Environment) -> Outcome {
    let folder = tempfile::tempdir()?;
    let log = environment.get("EPICENTER_LOG").unwrap_or("error");
    let config = Config {
        listen: free(options.listen),
        metrics_listen: String::new(),
        database_url: format!("sqlite://{}", folder.path().join("demo.db").display()),
        log: log.to_owned(),
        // The demo's own chat is on this machine.
        outbound: OutboundConfig {
            allowed_networks: vec!["127.0.0.1".to_owned()],
            ..OutboundConfig::default()
        },
        // Nobody wants to wait for five.
        sync: SyncConfig {
            minutes: 1,
            ..SyncConfig::default()
        },
        ..Config::default()
    };
    telemetry::start(&config)?;
    let now = Clock::system().now();
    let secret = accounts::random_hex(16)?;
    let token = accounts::random_hex(16)?;
    let own = Environment::of([
        ("SENTRY_WEBHOOK_SECRET", &secret),
        ("EPICENTER_ADMIN_TOKEN", &token),
    ]);
    let clock = Clock::manual(now.plus_ms(-HISTORY_MS));
    let running = Running::start(config, &own, clock.clone()).await?;
    terminal::say("Epicenter demo: a web shop called Harbor Goods, and its last seven days…");
    let (doors, dana) = set_up(&running, (&secret, &token)).await?;
    let mut company = Company::new(doors.clone())?;
    let upstream = Upstream::open(&running).await?;
    tell_history(&running.app, (&mut company, &upstream), now).await?;
    let chat = open_chat(&running).await?;
    clock.release();
    crew::hire(
        &running.app,
        (&chat.0, &format!("http://{}/api", chat.1)),
        dana,
    )
    .await?;
    greet(&running, &token, chat.1);
    let pace = Pace {
        speed: options.speed,
        ..Pace::default()
    };
    tokio::select! {
        () = company.live(&clock, pace) => {}
        ended = upstream.recover(&doors, &clock, options.speed) => ended?,
        ended = storm::rage(&doors, &clock, options.speed) => ended?,
        stop = serve::wait_for_stop() => stop?,
        () = after(options.seconds) => {}
    }
    running.stop().await;
    terminal::say("The demo is over; its database is gone.");
    Ok(ExitCode::SUCCESS)
}

async fn after(seconds: Option<u64>) {
    match seconds {
        Some(seconds) => tokio::time::sleep(std::time::Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

/// The address itself, or any free port of it.
fn free(wanted: SocketAddr) -> SocketAddr {
    match std::net::TcpListener::bind(wanted) {
        Ok(_) => wanted,
        Err(_) => SocketAddr::new(wanted.ip(), 0),
    }
}

fn base(running: &Running) -> String {
    format!("http://{}", running.address)
}

/// The account, a service per team, and the door of the legacy plugin.
async fn set_up(
    running: &Running,
    (secret, token): (&str, &str),
) -> Result<(Doors, i64), Box<dyn Error + Send + Sync>> {
    let app = &running.app;
    let person = Person {
        email: EMAIL.to_owned(),
        name: "Dana Demo".to_owned(),
        password: PASSWORD.to_owned(),
        role: Role::Admin,
    };
    let dana = accounts::create_user(app, person).await?;
    for project in PROJECTS {
        let wanted = (project.name.to_owned(), vec![project.slug.to_owned()]);
        let service = services::create(app, DEFAULT_WORKSPACE, wanted).await?;
        // One that is called like its service waits for somebody to link it.
        if !project.repository.ends_with(project.slug) {
            let repository =
                repositories::create(app, DEFAULT_WORKSPACE, project.repository).await?;
            repositories::set_services(app, DEFAULT_WORKSPACE, repository, &[service]).await?;
        }
    }
    let legacy = NewIntegrationRequest {
        kind: "sentry".to_owned(),
        name: "Old WebHooks plugin".to_owned(),
        service_id: None,
        secret: None,
        is_unsigned: true,
        profile: None,
    };
    let legacy = integrations::create(app, DEFAULT_WORKSPACE, legacy).await?;
    let snapshot = app.registry.snapshot();
    let key = snapshot
        .by_id(legacy)
        .map(|entry| entry.key.clone())
        .unwrap_or_default();
    let doors = Doors {
        signed_url: Url::parse(&format!("{}/api/webhooks/sentry", base(running)))?,
        secret: secret.to_owned(),
        legacy_url: Url::parse(&format!("{}/hooks/{key}", base(running)))?,
        deploys_url: Url::parse(&format!("{}/api/v1/deploys", base(running)))?,
        token: token.to_owned(),
    };
    Ok((doors, dana))
}

/// Opens the demo's Slack on an address of this machine.
async fn open_chat(
    running: &Running,
) -> Result<(Arc<Chat>, SocketAddr), Box<dyn Error + Send + Sync>> {
    let token = format!("xoxb-{}", accounts::random_hex(12)?);
    let chat = Chat::new(
        Url::parse(&base(running))?,
        token,
        accounts::random_hex(16)?,
    )?;
    let (address, served) = Arc::clone(&chat).open().await?;
    let stop = running.app.stop.clone();
    workers::spawn(&running.app, "chat", async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = served => {}
        }
    });
    Ok((chat, address))
}

/// The week before now, with the people who worked in it.
async fn tell_history(
    app: &App,
    (company, upstream): (&mut Company, &Upstream),
    now: Time,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut reached = app.clock.now();
    let mut is_told = false;
    let mut shipments = Company::shipments(now).into_iter().peekable();
    for step in Company::history(now) {
        if !is_told && now.since_ms(Time(step.at_ms)) <= SILENCE_MS {
            is_told = true;
            reached = reached.max(now.plus_ms(-SILENCE_MS));
            workers::drain(app).await?;
            app.clock.set(reached);
            upstream.begin(app, company).await?;
        }
        while let Some(shipment) = shipments.next_if(|next| next.at_ms <= step.at_ms) {
            reached = Time(shipment.at_ms).max(reached);
            app.clock.set(reached);
            company.ship(&shipment).await;
        }
        let at = Time(step.at_ms).max(reached);
        if at.since_ms(reached) > 0 {
            workers::drain(app).await?;
            people_work(app, at).await?;
            app.clock.set(at);
            reached = at;
        }
        company.send(step).await;
    }
    workers::drain(app).await?;
    for shipment in shipments {
        app.clock.set(Time(shipment.at_ms));
        company.ship(&shipment).await;
    }
    upstream.lose(now);
    while rank_due(app).await? > 0 {}
    people_judge(app).await
}

/// Of what is over, people said whether the first suspect was it.
async fn people_judge(app: &App) -> Result<(), Box<dyn Error + Send + Sync>> {
    let over = IncidentFilter {
        statuses: vec![IncidentStatus::Resolved],
        ..IncidentFilter::default()
    };
    let mut tx = app.database.read().await?;
    let page = incidents::list(&mut tx, DEFAULT_WORKSPACE, &over, None, 50).await?;
    let mut ranked = Vec::new();
    for incident in page.items {
        let found = suspects::of_incident(&mut tx, incident.id).await?;
        if found.is_some_and(|(ranking, _)| ranking.is_convincing) {
            ranked.push(incident);
        }
    }
    tx.rollback().await?;
    for incident in ranked {
        let opinion = match incident.number % 5 {
            0 => continue,
            1 => Opinion::Innocent,
            _ => Opinion::Guilty,
        };
        let place = (DEFAULT_WORKSPACE, incident.id);
        say(app, place, 1, opinion, &person(incident.number)).await?;
    }
    Ok(())
}

/// People take what has waited for a while, and close what is old.
async fn people_work(app: &App, at: Time) -> Result<(), OperationError> {
    let open = IncidentFilter {
        statuses: vec![IncidentStatus::Triggered, IncidentStatus::Acknowledged],
        ..IncidentFilter::default()
    };
    let mut tx = app.database.read().await?;
    let page = incidents::list(&mut tx, DEFAULT_WORKSPACE, &open, None, 50).await?;
    tx.rollback().await?;
    for incident in page.items {
        let age = at.since_ms(incident.opened_at);
        let person = person(incident.number);
        let command = match incident.status {
            // Two of three are taken within hours, one of five is closed after a day.
            IncidentStatus::Triggered if incident.number % 3 != 0 && age > 2 * HOUR_MS => {
                Command::Acknowledge
            }
            IncidentStatus::Acknowledged if incident.assignee.is_none() => {
                Command::Assign(Assignee {
                    kind: "user".to_owned(),
                    id: person.id.clone(),
                    name: person.name.clone(),
                })
            }
            IncidentStatus::Acknowledged if incident.number % 5 == 0 && age > DAY_MS => {
                Command::Resolve
            }
            _ => continue,
        };
        command_incident(app, DEFAULT_WORKSPACE, incident.id, &command, &person).await?;
    }
    Ok(())
}

fn person(number: i64) -> Actor {
    let index = usize::try_from(number).unwrap_or(0) % PEOPLE.len();
    let name = PEOPLE.get(index).map_or("Somebody", |person| person.name);
    Actor {
        kind: ActorKind::User,
        id: name.to_lowercase().replace(' ', "."),
        name: name.to_owned(),
    }
}

fn greet(running: &Running, token: &str, chat: SocketAddr) {
    let base = base(running);
    for line in [
        String::new(),
        format!("  Open      {base}/"),
        format!("  Log in    {EMAIL}"),
        format!("  Password  {PASSWORD}"),
        format!("  API token {token}"),
        format!("  Slack     http://{chat}/ (the demo's own: cards, buttons, /epicenter)"),
        format!("  On call   {base}/on-call"),
        format!("  Health    {base}/health (Sentry has stopped sending about one project)"),
        format!("  Trends    {base}/trends"),
        String::new(),
        "New webhooks come in all the time; watch the incidents move. Try j, k, e and ? there, look"
            .to_owned(),
        "into a delivery, and send a test from Integrations. What nobody takes within a minute"
            .to_owned(),
        "goes on in Slack; a storm comes after three minutes. Ctrl-C ends the demo.".to_owned(),
        String::new(),
    ] {
        terminal::say(&line);
    }
}

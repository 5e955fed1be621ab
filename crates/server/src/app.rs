//! All wiring. Production, the demo and the tests build the same application.

use crate::beats::Beats;
use crate::channels::apprise;
use crate::clients::git::Readers;
use crate::clients::outbound::{Guard, Outbound, OutboundParts};
use crate::clock::Clock;
use crate::config::{Config, Environment};
use crate::inbox::{Inbox, Writer};
use crate::limits;
use crate::live::Live;
use crate::matched::Matched;
use crate::metrics::Metrics;
use crate::operations::embed::TextModel;
use crate::operations::links::link_key;
use crate::operations::sentry::follow_environment;
use crate::operations::train_dictionary::Training;
use crate::operations::{OperationError, ensure_defaults};
use crate::refused::Refused;
use crate::registry::Registry;
use crate::replies::Replies;
use crate::sentry_desk::SentryDesk;
use crate::tally::Tally;
use crate::{http, workers};
use epicenter_domain::id::IdSource;
use epicenter_domain::notification::Target;
use epicenter_domain::proof::SecretValue;
use epicenter_domain::scrub::Rules;
use epicenter_domain::time::Time;
use epicenter_store::dictionaries::Dictionaries;
use epicenter_store::{Database, StoreError, inbox};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The application: what every room needs.
#[derive(Debug)]
pub struct App {
    /// Settings.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// When this process started: before, nobody listened.
    pub up_since: Time,
    /// The store.
    pub database: Database,
    /// What bodies are packed with.
    pub dictionaries: Dictionaries,
    /// When to train another.
    pub training: Training,
    /// Source of ids.
    pub ids: Arc<IdSource>,
    /// The durable inbox.
    pub inbox: Inbox,
    /// Held while a batch of deliveries is applied.
    pub applying: tokio::sync::Mutex<()>,
    /// Notified when something was stored.
    pub arrived: Arc<Notify>,
    /// Notified when incidents changed: somebody may have to be told.
    pub planning: Notify,
    /// Notified when notices are owed.
    pub owed: Notify,
    /// Notified when transitions wait to be remembered.
    pub remembering: Notify,
    /// The one client for addresses that people entered.
    pub outbound: Outbound,
    /// Answers to people in Slack, on their way to the worker that sends them.
    pub replies: Replies,
    /// What is known of the ways to Sentry.
    pub sentry: SentryDesk,
    /// Signs links that allow one thing.
    pub link_key: SecretValue,
    /// Integrations and their secrets.
    pub registry: Registry,
    /// What is removed before anything is stored.
    pub scrub_rules: Rules,
    /// Refused requests, for the diagnosis.
    pub refused: Refused,
    /// Open pages and streams.
    pub live: Live,
    /// What is known of the text model.
    pub text_model: TextModel,
    /// Threads that read clones of repositories.
    pub clones: Readers,
    /// Counters.
    pub metrics: Metrics,
    /// `EPICENTER_ADMIN_TOKEN`.
    pub admin_token: Option<SecretValue>,
    /// The one-time code of the first-run link; gone once an account exists.
    pub setup_code: Mutex<Option<String>>,
    /// Requests by outcome, until they are written down.
    pub tally: Tally,
    /// What the workers did, until it is written down.
    pub beats: Beats,
    /// When each secret last matched.
    pub matched: Matched,
    /// What forms did, for the next page.
    pub flashes: http::pages::Flashes,
    /// Failed logins.
    pub login_guard: http::auth::LoginGuard,
    /// Running tasks, waited for at the end.
    pub tasks: TaskTracker,
    /// Cancelled when the server stops.
    pub stop: CancellationToken,
    /// Cancelled when the disk under the database fails: the process must end without trying again.
    pub broken: CancellationToken,
}

/// Why the application could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The store.
    #[error("cannot open {url}: {error}")]
    Store {
        /// The database's URL, without its password.
        url: String,
        /// Why.
        error: StoreError,
    },
    /// A setting.
    #[error("{0}")]
    Config(String),
}

/// The newest id, and what bodies are packed with.
async fn what_is_stored(database: &Database) -> Result<(i64, Dictionaries), StoreError> {
    let mut tx = database.read().await?;
    let newest = inbox::newest_id(&mut tx).await?;
    let dictionaries = Dictionaries::default();
    dictionaries.reload(&mut tx).await?;
    tx.rollback().await?;
    Ok((newest, dictionaries))
}

impl App {
    /// Opens the database, brings it up to date, and wires everything. The writer must be run.
    pub async fn build(
        config: Config,
        environment: &Environment,
        clock: Clock,
    ) -> Result<(Arc<Self>, Writer), BuildError> {
        let scrub_rules = config.scrub_rules().map_err(BuildError::Config)?;
        let failed = |error| BuildError::Store {
            url: without_password(&config.database_url),
            error,
        };
        let database = Database::open_capped(&config.database_url, config.database_max_mib)
            .await
            .map_err(failed)?;
        let (newest, dictionaries) = what_is_stored(&database).await.map_err(failed)?;
        let ids = Arc::new(IdSource::new(i64::from(config.node), newest));
        let arrived = Arc::new(Notify::new());
        let broken = CancellationToken::new();
        let (inbox, writer) = Inbox::new(database.clone(), Arc::clone(&arrived), broken.clone());
        let secrets = environment.secrets();
        let admin_token = secrets.admin_token.clone();
        let sentry = SentryDesk::new(&secrets);
        let registry = Registry::new(secrets);
        let metrics = Metrics::default();
        let outbound = outbound(&config, &metrics)?;
        let wrong = |error: OperationError| BuildError::Config(error.to_string());
        let now = clock.now();
        ensure_defaults(&database, &ids, now).await.map_err(wrong)?;
        let known = (&sentry, now);
        follow_environment(&database, &ids, known)
            .await
            .map_err(wrong)?;
        registry.reload(&database).await.map_err(failed)?;
        let link_key = link_key(&database, now).await.map_err(wrong)?;
        let app = Self {
            config,
            clock,
            up_since: now,
            database,
            dictionaries,
            training: Training::default(),
            ids,
            inbox,
            applying: tokio::sync::Mutex::new(()),
            arrived,
            planning: Notify::new(),
            owed: Notify::new(),
            remembering: Notify::new(),
            outbound,
            replies: Replies::default(),
            sentry,
            link_key,
            registry,
            scrub_rules,
            refused: Refused::default(),
            live: Live::default(),
            text_model: TextModel::default(),
            clones: Readers::default(),
            metrics,
            admin_token,
            setup_code: Mutex::new(None),
            tally: Tally::default(),
            beats: Beats::default(),
            matched: Matched::default(),
            flashes: http::pages::Flashes::default(),
            login_guard: http::auth::LoginGuard::default(),
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            broken,
        };
        Ok((Arc::new(app), writer))
    }

    /// What an Apprise URL, or the address of a well-known webhook, says about a destination; the
    /// error is a sentence without its secrets.
    pub(crate) fn target_of_url(text: &str) -> Result<Target, String> {
        apprise::read(text)
    }

    /// Where an e-mail to this address goes; why it cannot go there.
    pub(crate) fn mail_to(&self, address: &str) -> Result<Target, String> {
        if self.config.outbound.mail.is_empty() {
            return Err("No mail server is set up; set `outbound.mail`".to_owned());
        }
        match apprise::read(&self.config.outbound.mail) {
            Ok(Target::Email { server, from, .. }) => Ok(Target::Email {
                server,
                from,
                to: vec![address.to_owned()],
            }),
            Ok(_) => Err("`outbound.mail` is not the URL of a mail server".to_owned()),
            Err(error) => Err(format!("`outbound.mail`: {error}")),
        }
    }
}

/// The client for destinations, as the settings allow it.
fn outbound(config: &Config, metrics: &Metrics) -> Result<Outbound, BuildError> {
    let networks = config.allowed_networks().map_err(BuildError::Config)?;
    let mut parts = OutboundParts::new(Guard::new(networks), &config.base_url());
    parts.counter = metrics.outbound();
    Outbound::new(parts)
        .map_err(|error| BuildError::Config(format!("the client for notices failed: {error}")))
}

/// A running server.
#[derive(Debug)]
pub struct Running {
    /// The application.
    pub app: Arc<App>,
    /// Where the page, the API and the webhooks are.
    pub address: SocketAddr,
    /// Where the metrics are.
    pub metrics_address: Option<SocketAddr>,
    /// The group-commit writer; it ends last, after those who store.
    writer: TaskTracker,
    writer_stop: CancellationToken,
}

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// See [`BuildError`].
    #[error(transparent)]
    Build(#[from] BuildError),
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The store, after it was opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Running {
    /// Builds and starts everything: the doors, the workers, the metrics.
    pub async fn start(
        mut config: Config,
        environment: &Environment,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let listen = config.listen;
        let metrics_listen = config.metrics_address().map_err(BuildError::Config)?;
        let listener = bind(listen).await?;
        // With port 0 the system chooses one; links must name that.
        config.listen = listener.local_addr().unwrap_or(listen);
        let address = config.listen;
        let (app, writer) = App::build(config, environment, clock).await?;
        let (writer_task, writer_stop) = (TaskTracker::new(), CancellationToken::new());
        writer_task.spawn(writer.run(writer_stop.clone()));
        workers::start_all(&app);
        let mut metrics_address = None;
        if let Some(wanted) = metrics_listen {
            let metrics = bind(wanted).await?;
            metrics_address = metrics.local_addr().ok();
            workers::spawn(
                &app,
                "metrics",
                http::server::serve_metrics(Arc::clone(&app), metrics),
            );
        }
        workers::spawn(
            &app,
            "http",
            http::server::serve(Arc::clone(&app), listener),
        );
        Ok(Self {
            app,
            address,
            metrics_address,
            writer: writer_task,
            writer_stop,
        })
    }

    /// Stops taking requests, finishes what was accepted, closes the store.
    pub async fn stop(self) {
        self.app.live.stop();
        self.app.stop.cancel();
        self.app.tasks.close();
        if tokio::time::timeout(limits::STOP_DEADLINE, self.app.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        self.writer_stop.cancel();
        self.writer.close();
        self.writer.wait().await;
        self.app.database.close().await;
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen { address, error })
}

/// The URL without what stands between `:` and `@`.
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.split_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{name}@{host}")
        }
        None => url.to_owned(),
    }
}

//! JSON bodies of destinations.

use crate::http::api::weekly::{self, WeekWindow};
use crate::operations::notice_settings::destinations::{WantedDestination, WantedTimers};
use crate::operations::notice_settings::kinds::Kind;
use crate::operations::notice_settings::{WantedTarget, parts};
use epicenter_domain::id::IdKind;
use epicenter_domain::level::Severity;
use epicenter_domain::notification::Target;
use epicenter_domain::routing::{OnJoin, Timers};
use epicenter_domain::time::{SECOND_MS, Time};
use epicenter_store::notices::destinations::DestinationRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A destination.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct DestinationBody {
    /// `dst_…`
    id: String,
    /// Name.
    name: String,
    /// Channel and settings.
    target: TargetBody,
    /// `svc_…` of the services it hears of; empty: all.
    services: Vec<String>,
    /// Also that something is over?
    wants_resolved: bool,
    /// Only this and what is worse.
    least_severity: Option<String>,
    /// Waits and repeats.
    timers: TimersBody,
    /// When it wants no notices.
    quiet: Option<QuietBody>,
    /// How many notices it takes at most.
    rates: Vec<RateBody>,
    /// `no`, `also` or `only`: does it take the records of the memory (and notices as well)?
    observations: String,
    /// Is anything sent there?
    enabled: bool,
    /// Why nothing is sent, when Epicenter switched it off.
    disabled_because: Option<String>,
    /// Since when every attempt has failed.
    failing_since: Option<String>,
    /// When it was made.
    created_at: String,
}

/// Channel and settings, without secrets.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TargetBody {
    /// `slack_webhook`, `slack_bot`, email, webhook, pagerduty, teams, discord, telegram,
    /// mattermost or ntfy.
    channel: String,
    /// Where it leads, as far as everybody may read it.
    place: String,
    /// Fields that are no secrets.
    settings: BTreeMap<String, String>,
    /// Names of the secrets that are set.
    secrets_set: Vec<String>,
}

impl TargetBody {
    fn of(target: &Target) -> Self {
        let (word, parts) = parts(target);
        let is_secret = |name: &str| {
            let field = Kind::parse(word).and_then(|kind| kind.field(name));
            field.is_none_or(|field| field.is_secret)
        };
        let (secrets, settings): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|(name, _)| is_secret(name));
        Self {
            channel: word.to_owned(),
            place: target.place(),
            settings: settings
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            secrets_set: secrets
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .collect(),
        }
    }
}

/// Channel and settings. Which fields a channel takes is in the guide; what is absent stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetRequest {
    /// `slack_webhook`, `slack_bot`, email, webhook, pagerduty, teams, discord, telegram,
    /// mattermost or ntfy.
    channel: Option<String>,
    /// Secret: the address of a webhook.
    url: Option<String>,
    /// Secret: the token of a bot, or of ntfy.
    token: Option<String>,
    /// Channel of Slack or Mattermost.
    channel_name: Option<String>,
    /// Secret: signing secret of a Slack app, for its buttons and commands.
    signing_secret: Option<String>,
    /// Another API than the service's own.
    api: Option<String>,
    /// Recipients of e-mails.
    to: Option<Vec<String>>,
    /// Sender of e-mails.
    from: Option<String>,
    /// Mail server.
    host: Option<String>,
    /// Its port.
    port: Option<u16>,
    /// implicit, starttls or none.
    tls: Option<String>,
    /// User name; empty: none.
    user: Option<String>,
    /// Secret: password.
    password: Option<String>,
    /// Secret: signing secrets of a webhook, `whsec_…`.
    secrets: Option<Vec<String>>,
    /// Secret: integration key of PagerDuty.
    routing_key: Option<String>,
    /// Chat of Telegram.
    chat: Option<String>,
    /// Topic within a Telegram group.
    thread: Option<i64>,
    /// Server of ntfy.
    server: Option<String>,
    /// Secret: topic of ntfy.
    topic: Option<String>,
}

impl TargetRequest {
    fn wanted(self) -> WantedTarget {
        let parts = [
            ("url", self.url),
            ("token", self.token),
            ("channel_name", self.channel_name),
            ("signing_secret", self.signing_secret),
            ("api", self.api),
            ("to", self.to.map(|to| to.join(","))),
            ("from", self.from),
            ("host", self.host),
            ("port", self.port.map(|port| port.to_string())),
            ("tls", self.tls),
            ("user", self.user),
            ("password", self.password),
            ("secrets", self.secrets.map(|secrets| secrets.join(","))),
            ("routing_key", self.routing_key),
            ("chat", self.chat),
            ("thread", self.thread.map(|thread| thread.to_string())),
            ("server", self.server),
            ("topic", self.topic),
        ];
        let parts = parts.into_iter();
        WantedTarget {
            channel: self.channel,
            parts: parts
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        }
    }
}

/// Waits and repeats in seconds; what is absent stays.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TimersBody {
    /// Before the first notice of a critical incident.
    urgent_wait_s: Option<i64>,
    /// Before the first notice of any other.
    wait_s: Option<i64>,
    /// From tick to tick: what changed is told on a tick. 0: at once.
    interval_s: Option<i64>,
    /// Before the same is told again. 0: never.
    repeat_s: Option<i64>,
    /// What is told when an alert joins: `more_urgent` or `each_alert`.
    on_join: Option<String>,
}

impl From<Timers> for TimersBody {
    fn from(timers: Timers) -> Self {
        let on_join = match timers.on_join {
            OnJoin::MoreUrgent => "more_urgent",
            OnJoin::EachAlert => "each_alert",
        };
        Self {
            urgent_wait_s: Some(timers.urgent_wait_ms / SECOND_MS),
            wait_s: Some(timers.wait_ms / SECOND_MS),
            interval_s: Some(timers.interval_ms / SECOND_MS),
            repeat_s: Some(timers.repeat_ms / SECOND_MS),
            on_join: Some(on_join.to_owned()),
        }
    }
}

/// When a destination wants no notices; without windows: never.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuietBody {
    /// IANA time zone; UTC unless it is said.
    #[serde(default)]
    zone: String,
    /// The windows.
    #[serde(default)]
    windows: Vec<WeekWindow>,
    /// This and what is worse is told even then; critical unless it is said.
    #[serde(default)]
    let_through: String,
}

/// At most so many notices within so long.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RateBody {
    /// Notices.
    most: i64,
    /// Seconds.
    within_s: i64,
}

impl From<DestinationRecord> for DestinationBody {
    fn from(record: DestinationRecord) -> Self {
        let settings = record.settings;
        let services = record.services.into_iter();
        let quiet = settings.quiet.map(|quiet| {
            let (zone, windows) = weekly::shown(&quiet.schedule);
            QuietBody {
                zone,
                windows,
                let_through: quiet.let_through.as_str().to_owned(),
            }
        });
        let rates = settings.rates.into_iter().map(|rate| RateBody {
            most: i64::try_from(rate.most).unwrap_or(i64::MAX),
            within_s: rate.within_ms / SECOND_MS,
        });
        Self {
            id: IdKind::Destination.show(record.id),
            name: record.name,
            target: TargetBody::of(&record.target),
            services: services.map(|id| IdKind::Service.show(id)).collect(),
            wants_resolved: settings.wants_resolved,
            least_severity: settings
                .least_severity
                .map(Severity::as_str)
                .map(str::to_owned),
            timers: settings.timers.into(),
            quiet,
            rates: rates.collect(),
            observations: settings.observations.as_str().to_owned(),
            enabled: record.is_enabled,
            disabled_because: record.disabled_why,
            failing_since: record.failing_since.map(Time::rfc3339),
            created_at: record.created_at.rfc3339(),
        }
    }
}

/// A destination as it should be; what is absent stays, or is as usual for a new one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct DestinationRequest {
    /// Name, unique in the workspace.
    name: Option<String>,
    /// Channel and settings.
    target: Option<TargetRequest>,
    /// Instead of a target: a URL as Apprise writes it, or the address of a webhook.
    apprise_url: Option<String>,
    /// `svc_…` of the services it hears of; empty: all.
    services: Option<Vec<String>>,
    /// Also that something is over?
    wants_resolved: Option<bool>,
    /// Only this and what is worse; empty: all.
    least_severity: Option<String>,
    /// Waits and repeats.
    timers: Option<TimersBody>,
    /// When it wants no notices.
    quiet: Option<QuietBody>,
    /// How many notices it takes at most; all must be kept.
    rates: Option<Vec<RateBody>>,
    /// Webhooks only: `no`, `also` or `only`: does it take the records of the memory?
    observations: Option<String>,
    /// Is anything sent there?
    enabled: Option<bool>,
}

impl DestinationRequest {
    pub(super) fn wanted(self) -> WantedDestination {
        let timers = self.timers.unwrap_or_default();
        let services = self.services.map(|ids| {
            let ids = ids.iter().map(|id| IdKind::Service.parse(id));
            ids.collect()
        });
        let rates = self.rates.map(|rates| {
            let rates = rates.into_iter().map(|rate| (rate.most, rate.within_s));
            rates.collect()
        });
        WantedDestination {
            name: self.name,
            target: self.target.map(TargetRequest::wanted),
            apprise_url: self.apprise_url,
            services,
            wants_resolved: self.wants_resolved,
            least_severity: self.least_severity,
            timers: WantedTimers {
                urgent_wait_s: timers.urgent_wait_s,
                wait_s: timers.wait_s,
                interval_s: timers.interval_s,
                repeat_s: timers.repeat_s,
                on_join: timers.on_join,
            },
            quiet: self.quiet.map(|quiet| {
                let weekly = weekly::wanted(quiet.zone, quiet.windows);
                (weekly, quiet.let_through)
            }),
            rates,
            observations: self.observations,
            is_enabled: self.enabled,
        }
    }
}

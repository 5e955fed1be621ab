//! What a browser sees: one askama struct per page, with nothing but data to show. Handlers fill
//! them from the store; templates and the parts escape everything that came from outside.
//!
//! Every page with a user has a [`Shell`]. Its `csrf` is in every form, as the field `csrf`; a
//! form sent by script carries it in the header `X-Csrf` too. Both are the session's token.
//!
//! # Addresses that the pages use
//!
//! Lists and their filters (all optional; an empty value counts as absent):
//!
//! | address | query |
//! |---|---|
//! | `GET /`, `GET /incidents` | `status` (`open`, `triggered`, `acknowledged`, `snoozed`, `resolved`, `all`), `severity`, `service` (id), `q`, `cursor` |
//! | `GET /incidents/{number}` | `event` (Sentry's id of the event to show), `before` (older lines of the timeline) |
//! | `GET /error-log` | `status` (`unresolved`, `resolved`, `ignored`, `all`), `level`, `project`, `from`, `to` (days), `q`, `sort` (`last_seen`, `count`, `first_seen`), `cursor` |
//! | `GET /error-log/{id}` | `event`, `before` |
//! | `GET /deliveries` | `integration` (id), `outcome`, `resource`, `incident` (number), `q`, `cursor` |
//! | `GET /deliveries/{id}` | |
//! | `GET /deliveries/{id}/body` | the raw bytes, as `text/plain` or `application/octet-stream` with `Content-Disposition: attachment` |
//! | `GET /changes` | `environment`, `service` (id), `repository` (id), `status`, `q`, `cursor` |
//! | `GET /changes/deploys/{id}`, `/changes/releases/{version}`, `/changes/hit-rate` | |
//! | `GET /trends` | `service` (id), `project`, `environment`, `range` (`24h`, `7d`, `30d`, `90d`) |
//! | `GET /memory` | `q`, `type`, `source`, `ref` (`release:1.4.0`), `service` (id), `from`, `to` (days), `order` (`best`, `newest`), `cursor` |
//! | `GET /memory/{id}`, `/health` | |
//! | `GET /settings/repositories` | |
//! | `GET /integrations`, `/integrations/{id}`, `/services`, `/services/{id}`, `/settings` | |
//! | `GET /on-call`, `/escalations`, `/escalations/{id}`, `/teams` | |
//! | `GET /on-call/{id}` | `week` (a date in it) |
//! | `GET /destinations`, `/destinations/{id}`, `/notifications/{id}` | |
//! | `GET /silences` | `incident` (number) |
//! | `GET /notifications` | `state`, `destination` (id), `incident` (number), `cursor` |
//! | `GET /my-notifications`, `/act/{link}`, `/slack/link/{link}` | |
//! | `GET /setup` | `token` |
//! | `GET /login` | `next` (a path of our own) |
//! | `GET /static/{version}/{name}` | [`assets::find`](super::assets::find); any version, kept for a year |
//!
//! Forms, all `POST` with `application/x-www-form-urlencoded` and `csrf`:
//!
//! | address | fields |
//! |---|---|
//! | `/setup` | `token, name, email, password, password_again` |
//! | `/login` | `email, password, next` |
//! | `/logout` | |
//! | `/bell/read` | |
//! | `/incidents/{number}/acknowledge`, `/resolve`, `/reopen` | |
//! | `/incidents/{number}/snooze` | `preset` (`1h`, `4h`, `1d`, `7d`, or empty for `until`), `until` (`2026-01-06T10:00`, without a zone), `utc_offset` (minutes to add to `until` to get UTC; 0 without script) |
//! | `/incidents/{number}/assign` | `user_id` (`me`, an id, or empty for nobody) |
//! | `/incidents/{number}/note` | `text` |
//! | `/incidents/{number}/suspects` | `subject` (SHA of a commit, or id of a deploy), `verdict` (`guilty`, `innocent`) |
//! | `/incidents/bulk` | `numbers` (repeated), `verb` (`acknowledge`, `resolve`, `snooze_1h`, `snooze_4h`, `snooze_1d`, `assign_me`), `back` (where to return to) |
//! | `/incidents/undo` | `undo` (token of the answer or of the [`Flash`]) |
//! | `/error-log/{id}/status` | `status` (`unresolved`, `resolved`, `ignored`), `back` |
//! | `/deliveries/{id}/replay` | |
//! | `/integrations` | `kind` (`sentry`), `name, service_id, secret, unsigned` (`on`, or absent) |
//! | `/integrations/{id}` | `name, service_id, unsigned` |
//! | `/integrations/{id}/secrets` | `value, label, expires_in_days` (may be empty) |
//! | `/integrations/{id}/secrets/{secret_id}/remove` | |
//! | `/integrations/{id}/test` | `kind` (id of a [`TestKind`]) |
//! | `/integrations/{id}/doctor` | `value`; answers 200 with the page and its [`DoctorAnswer`] |
//! | `/integrations/{id}/delete` | `confirm` (the name) |
//! | `/services` | `name, projects` (slugs, one a line) |
//! | `/services/{id}` | `name, projects` |
//! | `/services/{id}/delete` | |
//! | `/services/{id}/owner` | `team, escalation` (ids, or empty) |
//! | `/on-call`, `/on-call/{id}` | `name, zone`, and per layer `layer_name, people` (e-mail addresses, one a line), `unit, every, starts_on, hand_over, windows` |
//! | `/on-call/{id}/overrides` | `person` (id), `from, until` (`2026-01-06T10:00`, on the schedule's wall clock) |
//! | `/on-call/{id}/overrides/{override}/remove`, `/on-call/{id}/rotate`, `/on-call/{id}/delete` | |
//! | `/escalations`, `/escalations/{id}` | `name, repeat, repeat_after_s, acknowledge_timeout_s, then`, and per step `delay_{n}, targets_{n}` (ids, repeated) |
//! | `/escalations/{id}/delete`, `/teams/{id}/delete` | |
//! | `/teams`, `/teams/{id}` | `name, members` (ids, repeated) |
//! | `/destinations` | `channel, name, services` (ids, repeated), `least_severity`, and the fields of the channel; or `name, apprise_url` |
//! | `/destinations/{id}` | the same, and `wants_resolved, enabled, urgent_wait_s, wait_s, repeat_min, quiet_from, quiet_until, zone, most` |
//! | `/destinations/{id}/test`, `/destinations/{id}/delete`, `/destinations/{id}/digest/send` | |
//! | `/destinations/{id}/digest` | `at` (empty: none), `zone` |
//! | `/my-notifications` | `zone, quiet_from, quiet_until, breaks_through, digest_at` |
//! | `/my-notifications/contacts` | `address`, or `destination` (id) |
//! | `/my-notifications/contacts/{id}/remove`, `/my-notifications/slack/{team}/{member}/remove` | |
//! | `/act/{link}` (without `csrf`: the link is the proof), `/slack/link/{link}` | |
//! | `/silences`, `/silences/preview` | `field_{n}, operator_{n}, value_{n}`, or `text`, or `incident` (number), and `hours, until_release, until_users, comment, confirm, back` |
//! | `/maintenance` | `name, service, hours, condition, day, from, until, zone` |
//! | `/maintenance/{id}/remove` | |
//! | `/silences/{id}/expire`, `/notifications/{id}/replay` | |
//! | `/settings/repositories` | `name` |
//! | `/settings/repositories/{id}/services` | `services` (ids, repeated) |
//! | `/settings/repositories/{id}/clone` | `clone_path` (may be empty) |
//! | `/settings/repositories/mappings` | `project, repository` (id), `stack_prefix, source_prefix` |
//! | `/settings/repositories/mappings/{id}/confirm`, `/delete` | |
//! | `/settings/password` | `email` (ignore it: for password managers), `current, password, password_again` |
//! | `/settings/tokens` | `name, role` (`viewer`, `responder`, `admin`), `expires_in_days`; answers 200 with the page and its `new_token` |
//! | `/settings/tokens/{id}/revoke` | |
//! | `/settings/users` | `name, email, password, role` (`viewer`, `responder`, `admin`) |
//! | `/settings/users/{id}/remove` | |
//!
//! # Answers to forms
//!
//! Without `Accept: application/json`: 303 to where it came from (`back`, or the page of the
//! thing), which then shows a [`Flash`]; after a fault in a field, 422 with the same page, its
//! form filled and its `error` set. With `Accept: application/json` (the scripts ask so for forms
//! that change incidents, issues, deliveries, tests and the bell): 200 with
//! `{"message": "Acknowledged #12", "undo": "token or null", "location": "path or null"}`, where a
//! `location` is gone to (a replay leads to the new delivery), or a problem with `title` and
//! `detail`. The scripts then refresh the live parts.
//!
//! # Live parts
//!
//! `GET /api/v1/stream` (cookie session) sends events named `incident`, `delivery`, `issue`,
//! `bell`, with JSON data `{"id": …, "number": …}` as far as known; `beat` at least every 20
//! seconds; `resync` when something was missed. An event without id and number concerns everybody.
//! An element with `data-live` names the events that make it stale. The script then fetches the
//! page's own address with `X-Fragment` and replaces the elements by their id. The answer may be
//! the whole page; cheaper are these fragments (HTML without layout):
//!
//! | `X-Fragment` | on | answer |
//! |---|---|---|
//! | `rows` | the lists | `page.list` rendered |
//! | `live` | incident, issue | `page.live_fragment()` |
//! | `live` | delivery, integration | `page.head`, `page.pulse` rendered |
//! | `bell` | every page | [`BellFragment`] |
//! | `detail` | `GET /error-log/{id}` | an [`IssueDetail`]: what a row of the error log opens to |
//!
//! Send `Vary: X-Fragment` and `Cache-Control: no-store` with pages.

mod changes;
mod deliveries;
mod delivery;
mod deploy;
mod destinations;
mod detection;
mod error_log;
mod escalations;
mod event;
mod group;
mod grouping;
mod health;
mod hit_rate;
mod incident;
mod incidents;
mod inhibitions;
mod integration;
mod integrations;
mod issue;
mod links;
mod maintenance;
mod memory;
mod message;
mod notifications;
mod on_call;
pub mod parts;
mod repositories;
mod routes;
#[cfg(test)]
mod samples;
mod services;
mod settings;
mod shell;
mod sign_in;
mod silences;
mod stack;
mod suspects;
mod teams;
#[cfg(test)]
mod tests;
mod timeline;
mod trends;
mod why;
mod write_backs;

pub use changes::{
    ChangeDay, ChangeFilter, ChangeList, ChangeRow, ChangesPage, DeployRow, PushRow,
};
pub use deliveries::{DeliveriesPage, DeliveryFilter, DeliveryList, DeliveryRow};
pub use delivery::{DeliveryHead, DeliveryPage, ReplayRow};
pub use deploy::{CommitRow, DeployIncident, DeployPage, NewIssue, ReleasePage, rate_sentence};
pub use destinations::{
    ChannelField, DestinationForm, DestinationPage, DestinationRow, DestinationsPage, DigestForm,
    WhenForm,
};
pub use detection::{DetectionPage, MutedRow, NumberField, ReactionField};
pub use error_log::{ErrorLogPage, IssueDetail, IssueFilter, IssueList, IssueRow};
pub use escalations::{EscalationForm, EscalationPage, EscalationRow, EscalationsPage, StepForm};
pub use event::{EventChooser, EventFrame, EventView};
pub use group::{GroupPanel, GroupRow};
pub use grouping::{GroupRuleForm, GroupingPage};
pub use health::HealthPage;
pub use hit_rate::{HitLine, HitRatePage};
pub use incident::{AlertRow, IncidentFacts, IncidentHead, IncidentPage};
pub use incidents::{IncidentCounts, IncidentFilter, IncidentList, IncidentRow, IncidentsPage};
pub use inhibitions::{InhibitionForm, InhibitionsPage};
pub use integration::{
    Alias, ConnectionRow, DoctorAnswer, IntegrationPage, Pulse, PulseRow, RefusedRow, SecretRow,
    TestKind,
};
pub use integrations::{
    Health, IntegrationForm, IntegrationList, IntegrationRow, IntegrationsPage,
};
pub use issue::{EventRow, IncidentLink, IssueHead, IssuePage};
pub use links::{ActPage, MyNotificationsPage, MyTimes, SlackLinkPage, Way};
pub use maintenance::{MaintenanceForm, MaintenancePart, MaintenanceRow};
pub use memory::{
    MemoryFilter, MemoryList, MemoryPage, MemoryRow, ObservationPage, ReferenceRow, SimilarCard,
    SimilarRow,
};
pub use message::{BareMessagePage, Message, MessagePage};
pub use notifications::{
    AttemptRow, NotificationFilter, NotificationPage, NotificationRow, NotificationsPage,
};
pub use on_call::{
    DayRow, LayerForm, OnCallPage, OverrideRow, PieceRow, ScheduleForm, SchedulePage, ScheduleRow,
};
pub use repositories::{
    CodeHostForm, CodeHostRow, FindingRow, MappingForm, MappingProposalRow, MappingRow, OwnersRow,
    RepositoriesPage, RepositoryRow,
};
pub use routes::{
    RouteAnswer, RouteEditor, RouteMove, RoutePreview, RouteQuestion, RouteRow, RouteVersionRow,
    RouteVersionsPage, RoutesPage,
};
pub use services::{OwnerForm, ServiceForm, ServicePage, ServiceRow, ServicesPage};
pub use settings::{PrivacyRule, SettingsPage, Storage, TokenRow, UserRow};
pub use shell::{
    Bell, BellFragment, BellItem, Choice, Flash, NavItem, Notice, Section, Shell, Tab, UserChip,
};
pub use sign_in::{LoginPage, SetupPage};
pub use silences::{ConditionRow, Impact, SilenceForm, SilenceRow, SilencesPage};
pub use stack::{ExceptionView, FrameGroup, FrameView, SourceLine};
pub use suspects::{DiffLine, DiffView, HunkView, Missing, ParentDeploy, SuspectCard, SuspectView};
pub use teams::{TeamForm, TeamRow, TeamsPage};
pub use timeline::{Timeline, TimelineLine};
pub use trends::{MoverList, MoverRow, TrendFilter, TrendsPage};
pub use why::{WhyPanel, WhyRow};
pub use write_backs::{WriteBackLine, WriteBackPanel};

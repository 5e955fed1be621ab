//! `/integrations/{id}`: connecting Sentry, seeing it work, and finding out why not.

use super::integrations::Health;
use super::parts::{Clock, Icon, Outcome};
use super::shell::{Choice, Shell};
use askama::Template;
use askama::filters::HtmlSafe;
use epicenter_domain::sources::IntegrationKind;
use epicenter_domain::time::Time;
use epicenter_domain::writeback::Scope;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/integration.html")]
pub struct IntegrationPage {
    /// What is around it.
    pub shell: Shell,
    /// Id, as the address has it.
    pub id: String,
    /// Name.
    pub name: String,
    /// `sentry`.
    pub kind: String,
    /// Id of its service.
    pub service: String,
    /// Services to choose from: id and name.
    pub services: Vec<(String, String)>,
    /// Accepts unsigned requests?
    pub is_unsigned: bool,
    /// One of those that exist from the start; they cannot be deleted.
    pub is_default: bool,
    /// Push URL.
    pub push_url: String,
    /// Other addresses that lead here.
    pub aliases: Vec<Alias>,
    /// Can Sentry reach the push URL (public host, https)? If not, a sentence why.
    pub reach_warning: Option<String>,
    /// Secrets, newest first; never their values.
    pub secrets: Vec<SecretRow>,
    /// The waiting panel and the last deliveries: the fragment `live`.
    pub pulse: Pulse,
    /// Kinds of test.
    pub tests: Vec<TestKind>,
    /// Organisations that Sentry's API is asked for.
    pub connections: Vec<ConnectionRow>,
    /// What the doctor answered, after its form.
    pub doctor: Option<DoctorAnswer>,
}

/// An organisation on a Sentry host that is asked.
#[derive(Clone, Debug)]
pub struct ConnectionRow {
    /// `snc_…`
    pub id: String,
    /// Where the host is.
    pub base_url: String,
    /// The organisation's slug.
    pub organization: String,
    /// Slugs of projects, in words; empty: all.
    pub projects: String,
    /// Is its token that of the environment?
    pub from_environment: bool,
    /// Is there a token?
    pub has_token: bool,
    /// Up to when everything is known.
    pub synced_until: Option<Time>,
    /// It wants not to be asked before this instant.
    pub held_until: Option<Time>,
    /// When its token was last tried.
    pub checked_at: Option<Time>,
    /// What was wrong then.
    pub fault: Option<String>,
    /// When its token ends, as far as somebody said.
    pub token_expires_at: Option<Time>,
    /// What came of the newest pass, in words.
    pub last_run: Option<String>,
    /// What it is told of what is done here: what was chosen, and what counts.
    pub told: (Option<Scope>, Scope),
    /// Why its token may not tell it.
    pub refusal: Option<String>,
}

impl ConnectionRow {
    /// What counts, for people.
    pub fn told_in_words(&self) -> &'static str {
        match self.told {
            (_, Scope::Status) => {
                "what is resolved, reopened and archived here is so in Sentry, too"
            }
            (_, Scope::All) => "status, assignee and notes go to Sentry, too",
            (None, Scope::Off) => {
                "its token may only read, so nothing that is done here goes to Sentry"
            }
            (Some(_), Scope::Off) => "nothing that is done here goes to Sentry",
        }
    }

    /// The choices: word, words for people, chosen?
    pub fn choices(&self) -> [(&'static str, &'static str, bool); 4] {
        let chosen = self.told.0;
        [
            ("", "as the token allows", chosen.is_none()),
            ("off", "nothing", chosen == Some(Scope::Off)),
            ("status", "status only", chosen == Some(Scope::Status)),
            (
                "all",
                "status, assignee and notes",
                chosen == Some(Scope::All),
            ),
        ]
    }
}

/// Whether anything arrives: the fragment `live`.
#[derive(Clone, Debug, Template)]
#[template(path = "partials/pulse.html")]
pub struct Pulse {
    /// Now.
    pub clock: Clock,
    /// Id of the integration.
    pub id: String,
    /// Whether it works.
    pub health: Health,
    /// The newest proven deliveries, at most five.
    pub latest: Vec<PulseRow>,
    /// Refused requests since the last proven one, newest first, at most five.
    pub refused: Vec<RefusedRow>,
    /// How many were refused since the last proven one.
    pub refused_count: i64,
}

impl HtmlSafe for Pulse {}

/// One delivery in the panel.
#[derive(Clone, Debug)]
pub struct PulseRow {
    /// `dlv_…`
    pub id: String,
    /// When it arrived.
    pub at: Time,
    /// `issue.created`.
    pub event: String,
    /// How it was proven, in words.
    pub proof: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Number of the incident that it touched.
    pub incident: Option<i64>,
}

/// One refused request.
#[derive(Clone, Debug)]
pub struct RefusedRow {
    /// When.
    pub at: Time,
    /// `issue`, as its header claims.
    pub event: String,
    /// Why, and what to do.
    pub sentence: String,
    /// The sample in the delivery log.
    pub delivery: Option<String>,
}

/// One more address of the same door.
#[derive(Clone, Debug)]
pub struct Alias {
    /// Whose address it is: "PushLog and the error log".
    pub label: String,
    /// The address.
    pub url: String,
}

/// One secret, without its value.
#[derive(Clone, Debug)]
pub struct SecretRow {
    /// Id.
    pub id: String,
    /// Label.
    pub label: String,
    /// When it was added.
    pub created_at: Time,
    /// When it stops to count.
    pub expires_at: Option<Time>,
    /// Has it stopped?
    pub is_expired: bool,
    /// When it last fitted a request.
    pub last_matched_at: Option<Time>,
    /// From the environment: cannot be removed here.
    pub from_environment: bool,
}

/// One kind of test delivery.
#[derive(Clone, Debug)]
pub struct TestKind {
    /// Value of the form.
    pub id: String,
    /// `issue.created`.
    pub label: String,
    /// What it should do.
    pub explanation: String,
}

/// What the secret doctor says.
#[derive(Clone, Debug)]
pub struct DoctorAnswer {
    /// Does the secret fit?
    pub is_right: bool,
    /// One sentence: what is wrong and what to do.
    pub sentence: String,
    /// How many samples it was tried on.
    pub sample_count: i64,
}

impl IntegrationPage {
    /// Choices of the service.
    pub fn service_choices(&self) -> Vec<Choice> {
        Choice::list(
            self.services.iter().map(|(id, name)| (id, name)),
            &self.service,
        )
    }

    /// Is it one of Sentry?
    pub fn is_sentry(&self) -> bool {
        self.kind == IntegrationKind::Sentry.as_str()
    }

    fn host(&self) -> IntegrationKind {
        IntegrationKind::parse(&self.kind).unwrap_or_default()
    }

    /// The host's name.
    pub fn label(&self) -> &'static str {
        self.host().label()
    }

    /// Where the push URL belongs.
    pub fn place_step(&self) -> &'static str {
        match self.host() {
            IntegrationKind::Sentry => "In Sentry, set this as the webhook URL:",
            IntegrationKind::Github => {
                "In GitHub, open Settings → Webhooks of the repository or organisation, choose Add \
                 webhook, set the content type to application/json, and this payload URL:"
            }
            IntegrationKind::Gitlab => {
                "In GitLab, open Settings → Webhooks of the project or group, choose Add new \
                 webhook, and set this URL:"
            }
            IntegrationKind::Vercel => {
                "In Vercel, open Team settings → Webhooks, choose Create webhook, and set this \
                 endpoint:"
            }
            IntegrationKind::Events => "Let your program send incident events to this address:",
            IntegrationKind::Own => "Epicenter sends its canary here; nothing is to be set up:",
            IntegrationKind::Pagerduty => {
                "Keep your PagerDuty client and change only its address, from \
                 https://events.pagerduty.com to this server's; the routing key is the last part \
                 of this push URL:"
            }
        }
    }

    /// Where the secret comes from.
    pub fn secret_step(&self) -> &'static str {
        match self.host() {
            IntegrationKind::Sentry => "Paste the client secret that Sentry shows:",
            IntegrationKind::Github => {
                "Make up a long secret, enter it in GitHub as Secret, and here:"
            }
            IntegrationKind::Gitlab => {
                "Make up a long secret, enter it in GitLab as signing token (or as secret token, \
                 where there is none), and here:"
            }
            IntegrationKind::Vercel => {
                "Vercel shows a secret once, when the webhook is created; paste it here:"
            }
            IntegrationKind::Events => {
                "Make up a long secret, send it as the header x-incident-webhook-secret (or as a \
                 bearer token), and enter it here:"
            }
            IntegrationKind::Own => "Epicenter made this secret for itself:",
            IntegrationKind::Pagerduty => {
                "Nothing else is needed. Where a client cannot change its routing key, enter that \
                 key here, and it is taken too:"
            }
        }
    }

    /// A command that tries it, for senders that are programs.
    pub fn example(&self) -> Option<String> {
        let base = self.push_url.split("/hooks/").next().unwrap_or_default();
        let key = self.push_url.rsplit('/').next().unwrap_or_default();
        match self.host() {
            IntegrationKind::Sentry
            | IntegrationKind::Github
            | IntegrationKind::Gitlab
            | IntegrationKind::Vercel
            | IntegrationKind::Own => None,
            IntegrationKind::Events => Some(format!(
                "curl {} -H 'content-type: application/json' \\\n  \
                 -H \"x-incident-webhook-secret: $INCIDENT_WEBHOOK_SECRET\" -d '{{\n  \
                 \"source\": \"nightly-job\", \"service\": \"billing\", \"environment\": \"production\",\n  \
                 \"timestamp\": \"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'\", \"severity\": \"error\",\n  \
                 \"exception_type\": \"Timeout\", \"message\": \"The ledger did not answer\",\n  \
                 \"stacktrace\": [{{\"file\": \"billing/ledger.py\", \"function\": \"post\", \"line\": 41}}]}}'",
                self.push_url
            )),
            IntegrationKind::Pagerduty => Some(format!(
                "curl {base}/v2/enqueue -H 'content-type: application/json' -d '{{\n  \
                 \"routing_key\": \"{key}\", \"event_action\": \"trigger\", \"dedup_key\": \"test-1\",\n  \
                 \"payload\": {{\"summary\": \"A test\", \"source\": \"my machine\", \"severity\": \"info\"}}}}'",
            )),
        }
    }

    /// Which events to choose.
    pub fn events_step(&self) -> &'static str {
        match self.host() {
            IntegrationKind::Sentry => "Choose the resources.",
            IntegrationKind::Github => {
                "Choose the events Pushes, Deployments, Deployment statuses, Releases and Pull \
                 requests. GitHub sends a ping at once; it appears here."
            }
            IntegrationKind::Gitlab => {
                "Choose Push, Tag push, Merge request, Deployment and Releases events, save, and \
                 send a test push from GitLab's page."
            }
            IntegrationKind::Vercel => {
                "Choose the events Deployment created, succeeded, promoted, error and canceled."
            }
            IntegrationKind::Events => "Try it; the answer names every field that is wrong:",
            IntegrationKind::Pagerduty => "Try it; the incident appears at once:",
            IntegrationKind::Own => "The health page shows how the canary does.",
        }
    }
}

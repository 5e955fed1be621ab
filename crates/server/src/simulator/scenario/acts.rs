//! One act of the story, and what becomes of the issues by it.

use crate::simulator::company::{FIRST_PERSON, INSTALLATION, ORGANIZATION, PEOPLE, Person, mobile};
use crate::simulator::issue::{Archive, Assignee, Issue, Open, Resolution};
use crate::simulator::payloads::comment::Comment;
use crate::simulator::payloads::installation::Installation;
use crate::simulator::payloads::metric_alert::{Breach, State};
use crate::simulator::payloads::seer::Stage;
use crate::simulator::payloads::{
    By, Sentry, activity_alert, comment, component, event_alert, installation, issue,
    legacy_plugin, metric_alert, preprod_artifact, seer, service_hook, unknown,
};
use crate::simulator::scenario::Door;
use crate::simulator::webhook::Webhook;
use std::collections::BTreeMap;

/// How somebody resolves an issue.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Now,
    InRelease,
    InNextRelease,
    InCommit(&'static str),
}

/// What is done to a comment.
#[derive(Clone, Copy, Debug)]
pub(super) enum Writing {
    Created(&'static str),
    Updated(&'static str),
    Deleted,
}

/// What happens to one issue.
#[derive(Clone, Copy, Debug)]
pub(super) enum OnIssue {
    Created,
    Alert,
    Error,
    Resolved(How),
    AssignedToPerson,
    AssignedToTeam,
    Ignored(Archive),
    Back(Open),
    BackByHand,
    Commented(Writing),
    Seer(Stage),
    Activity(&'static str),
    ServiceHook,
    Legacy,
    WrongSecret,
}

/// What happens besides.
#[derive(Clone, Copy, Debug)]
pub(super) enum Besides {
    Installed,
    BuildMeasured,
    BuildNotHandedOut,
    AlertActionSaved,
    FutureResource,
    FutureAction,
    NotJson,
}

/// One act. Numbers are places in the cast.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Issue(usize, OnIssue),
    Metric(usize, State, u64),
    Besides(Besides),
}

/// An act and its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) at_ms: i64,
    pub(super) act: Act,
    pub(super) note: &'static str,
}

/// The issues and metric alerts of the story, as they are now.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    pub(super) sentry: Sentry,
    pub(super) issues: Vec<Issue>,
    pub(super) breaches: Vec<Breach>,
    comments: BTreeMap<u64, Comment>,
}

impl Cast {
    pub(super) fn new(sentry: Sentry) -> Self {
        Self {
            sentry,
            issues: Vec::new(),
            breaches: Vec::new(),
            comments: BTreeMap::new(),
        }
    }

    /// Lets the act happen now. `None` when nobody of that number is in the cast.
    pub(super) fn perform(&mut self, act: Act) -> Option<(Webhook, Door)> {
        match act {
            Act::Issue(place, what) => {
                let mut issue = self.issues.get(place)?.clone();
                let told = self.on_issue(&mut issue, what);
                *self.issues.get_mut(place)? = issue;
                Some(told)
            }
            Act::Metric(place, state, value) => {
                let breach = self.breaches.get_mut(place)?;
                if breach.value == 0 {
                    breach.started_ms = self.sentry.now_ms - 60_000;
                }
                breach.value = value;
                let breach = breach.clone();
                let webhook = metric_alert::metric_alert(&mut self.sentry, &breach, state);
                Some((webhook, Door::Signed))
            }
            Act::Besides(what) => Some((self.besides(what), Door::Signed)),
        }
    }

    fn on_issue(&mut self, issue: &mut Issue, what: OnIssue) -> (Webhook, Door) {
        let door = match what {
            OnIssue::Legacy => Door::Legacy,
            OnIssue::WrongSecret => Door::WrongSecret,
            _ => Door::Signed,
        };
        let webhook = match what {
            OnIssue::Created
            | OnIssue::Alert
            | OnIssue::Error
            | OnIssue::ServiceHook
            | OnIssue::Legacy
            | OnIssue::WrongSecret => self.event(issue, what),
            OnIssue::Resolved(_)
            | OnIssue::AssignedToPerson
            | OnIssue::AssignedToTeam
            | OnIssue::Ignored(_)
            | OnIssue::Back(_)
            | OnIssue::BackByHand => self.change(issue, what),
            OnIssue::Commented(writing) => self.write(issue, writing),
            OnIssue::Seer(stage) => seer::seer(&mut self.sentry, issue, issue.id, stage),
            OnIssue::Activity(kind) => {
                activity_alert::triggered(&mut self.sentry, issue, kind, By::Sentry)
            }
        };
        (webhook, door)
    }

    /// It happens once more.
    fn event(&mut self, issue: &mut Issue, what: OnIssue) -> Webhook {
        let sentry = &mut self.sentry;
        let at_ms = sentry.now_ms - 900;
        if issue.count == 0 {
            issue.first_seen_ms = at_ms;
        }
        issue.happened(at_ms, 1, &mut sentry.random);
        let rule = rule(issue);
        match what {
            OnIssue::Created => issue::created(sentry, issue),
            OnIssue::Error => event_alert::error_created(sentry, issue),
            OnIssue::ServiceHook => service_hook::service_hook(sentry, issue),
            OnIssue::Legacy => legacy_plugin::legacy_plugin(sentry, issue, rule),
            _ => event_alert::triggered(sentry, issue, rule),
        }
    }

    /// Its status or assignee changes.
    fn change(&mut self, issue: &mut Issue, what: OnIssue) -> Webhook {
        let person = self.somebody();
        let (sentry, by) = (&mut self.sentry, By::Person(person));
        match what {
            OnIssue::Resolved(how) => {
                let resolution = resolution(issue, how);
                issue::resolved(sentry, issue, resolution, by)
            }
            OnIssue::AssignedToTeam => {
                let team = Assignee::Team(issue.fault.project.team);
                issue::assigned(sentry, issue, team, by)
            }
            OnIssue::Ignored(archive) => issue::ignored(sentry, issue, archive, by),
            OnIssue::Back(open) => {
                issue.happened(sentry.now_ms - 900, 1, &mut sentry.random);
                issue::unresolved(sentry, issue, open, By::Sentry)
            }
            OnIssue::BackByHand => issue::unresolved(sentry, issue, Open::Ongoing, by),
            _ => issue::assigned(sentry, issue, Assignee::Person(person), by),
        }
    }

    fn write(&mut self, issue: &mut Issue, writing: Writing) -> Webhook {
        let author = self.somebody();
        let now_ms = self.sentry.now_ms;
        let id = self.sentry.random.below(1 << 40);
        let comment = self.comments.entry(issue.id).or_insert_with(|| Comment {
            id,
            author,
            written_ms: now_ms,
            text: String::new(),
        });
        match writing {
            Writing::Created(text) => {
                (comment.id, comment.author, comment.written_ms) = (id, author, now_ms);
                text.clone_into(&mut comment.text);
                comment::created(&mut self.sentry, issue, comment)
            }
            Writing::Updated(text) => {
                text.clone_into(&mut comment.text);
                comment::updated(&mut self.sentry, issue, comment)
            }
            Writing::Deleted => comment::deleted(&mut self.sentry, issue, comment),
        }
    }

    fn besides(&mut self, what: Besides) -> Webhook {
        let sentry = &mut self.sentry;
        let project = &mobile::MOBILE;
        match what {
            Besides::Installed => {
                let new = Installation {
                    uuid: INSTALLATION.to_owned(),
                    organization: ORGANIZATION,
                };
                installation::created(sentry, &new, &FIRST_PERSON)
            }
            Besides::BuildMeasured => {
                preprod_artifact::size_analysis_completed(sentry, "Harbor Goods")
            }
            Besides::BuildNotHandedOut => {
                preprod_artifact::build_distribution_completed(sentry, "Harbor Goods", true)
            }
            Besides::AlertActionSaved => component::alert_rule_action(sentry, "Page the shop"),
            Besides::FutureResource => {
                unknown::future_resource(sentry, project, "Spans will exceed the budget on Friday")
            }
            Besides::FutureAction => unknown::future_action(sentry, project),
            Besides::NotJson => unknown::not_json(sentry),
        }
    }

    fn somebody(&mut self) -> &'static Person {
        self.sentry.random.pick(PEOPLE).unwrap_or(&FIRST_PERSON)
    }
}

fn resolution(issue: &Issue, how: How) -> Resolution {
    match how {
        How::Now => Resolution::Now,
        How::InRelease => Resolution::InRelease(issue.fault.project.current_release().to_owned()),
        How::InNextRelease => Resolution::InNextRelease,
        How::InCommit(message) => Resolution::InCommit(message.to_owned()),
    }
}

/// Name of the alert in Sentry that fires for such an issue.
fn rule(issue: &Issue) -> &'static str {
    match issue.fault.level {
        "fatal" => "Anything fatal in production",
        "error" => "Send a notification for high priority issues",
        _ => "Seen more than 50 times in an hour",
    }
}

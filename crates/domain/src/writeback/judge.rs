//! Something comes from Sentry about an issue to which something was done here: is it the echo of
//! that, is it older, or does it count? Sentry's times decide; the later one wins.

use super::{Matter, Said, WriteBack, WriteState};
use crate::limits::{ECHO_OF_ANYBODY_MS, ECHO_OF_APP_MS};
use crate::signal::{Actor, ActorKind};
use crate::time::{SECOND_MS, Time};

/// How Sentry said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// It tells what changed, at that time.
    Change,
    /// It was asked, and tells how things are at that time; since when, nobody knows.
    Snapshot,
}

/// What Sentry says.
#[derive(Clone, Copy, Debug)]
pub struct News<'a> {
    /// What.
    pub said: &'a Said,
    /// Who did it.
    pub actor: &'a Actor,
    /// When, by Sentry's clock.
    pub at: Time,
    /// How it was learnt.
    pub way: Way,
    /// Sentry's id of the comment, if it is one.
    pub comment_id: Option<&'a str>,
}

/// What is to be done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It counts.
    News,
    /// It counts, and takes the place of what was done here; the sentence names both sides.
    Overrules(String),
    /// Sentry knows it already from somebody else: it need not be told.
    Agrees,
    /// It comes back because of what was done here.
    Echo(String),
    /// It is older than what was done here, which stays; the sentence names both sides.
    Late(String),
}

/// Judges what Sentry says about the matter of `done`.
pub fn judge(done: &WriteBack, news: &News<'_>) -> Judgement {
    if done.said.matter() != news.said.matter() {
        return Judgement::News;
    }
    if is_echo(done, news) {
        return Judgement::Echo(format!("Echo of what was done here: {}", done.in_words()));
    }
    if done.state == WriteState::Overruled || done.said.matter() == Matter::Note {
        return Judgement::News;
    }
    if is_same(&done.said, news) {
        // An older one says nothing of now: Sentry is still to be told.
        let is_older = news.at < whole_seconds(done.asked_at);
        return if done.state == WriteState::Waiting && !is_older {
            Judgement::Agrees
        } else {
            Judgement::News
        };
    }
    match news.way {
        Way::Change => change(done, news),
        Way::Snapshot => snapshot(done, news),
    }
}

fn change(done: &WriteBack, news: &News<'_>) -> Judgement {
    // Sentry tells whole seconds; on a tie Sentry wins.
    if news.at < whole_seconds(done.stands_since()) {
        return Judgement::Late(late(done, news, "is older"));
    }
    match done.state {
        WriteState::Waiting | WriteState::Refused => Judgement::Overrules(overrules(done, news)),
        WriteState::Told | WriteState::Gone | WriteState::Off | WriteState::Overruled => {
            Judgement::News
        }
    }
}

/// A snapshot does not tell since when: what Sentry had before it was done here is no news.
fn snapshot(done: &WriteBack, news: &News<'_>) -> Judgement {
    if news.at < done.stands_since() {
        return Judgement::Late(late(done, news, "is older"));
    }
    let before = done.before.map(Said::Status);
    match done.state {
        WriteState::Waiting => Judgement::Late(late(done, news, "was not told yet what is newer")),
        WriteState::Refused | WriteState::Gone | WriteState::Off
            if before.as_ref() == Some(news.said) =>
        {
            Judgement::Late(late(done, news, "was never told what is newer"))
        }
        WriteState::Refused | WriteState::Gone | WriteState::Off => {
            Judgement::Overrules(overrules(done, news))
        }
        WriteState::Told | WriteState::Overruled => Judgement::News,
    }
}

/// Does it come because of our request? Either an app says it, or anybody says the very same in a
/// moment: the token may be a person's.
fn is_echo(done: &WriteBack, news: &News<'_>) -> bool {
    let Some(sent) = &done.sent else {
        return false;
    };
    if news.way == Way::Snapshot || news.at < whole_seconds(sent.first_at) {
        return false;
    }
    let since_ms = news.at.since_ms(sent.at);
    let by_app = is_an_app(news.actor) && since_ms <= ECHO_OF_APP_MS;
    let by_anybody = since_ms <= ECHO_OF_ANYBODY_MS;
    match &sent.said {
        Said::Status(_) => {
            // Somebody who undoes what was since done here is no echo of what was done before.
            let still = done.said == sent.said || news.at <= done.asked_at;
            is_same(&sent.said, news) && (by_app || (by_anybody && still))
        }
        Said::Assignee(_) => by_app || (by_anybody && is_same(&sent.said, news)),
        Said::Note(_) => match (&done.comment_id, news.comment_id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            // It may come before the answer that names it.
            _ => by_app || (by_anybody && is_comment(done, news)),
        },
    }
}

fn is_comment(done: &WriteBack, news: &News<'_>) -> bool {
    matches!(news.said, Said::Note(text) if done.comment().as_ref() == Some(text))
}

/// People have other ids in Sentry: they are compared by their names.
fn is_same(mine: &Said, news: &News<'_>) -> bool {
    match (mine, news.said) {
        (Said::Assignee(Some(mine)), Said::Assignee(Some(theirs))) => {
            mine.name.to_lowercase() == theirs.name.to_lowercase()
        }
        (mine, theirs) => mine == theirs,
    }
}

/// An app, and not Sentry by itself.
fn is_an_app(actor: &Actor) -> bool {
    match actor.kind {
        ActorKind::Application => actor.id != Actor::sentry().id,
        ActorKind::Person | ActorKind::User | ActorKind::Epicenter => false,
    }
}

fn whole_seconds(at: Time) -> Time {
    Time(at.0 - at.0.rem_euclid(SECOND_MS))
}

fn theirs(news: &News<'_>) -> String {
    let (verb, who, at) = (news.said.verb(), &news.actor.name, news.at.rfc3339());
    match news.way {
        Way::Change => format!("{verb} in Sentry by {who} at {at}"),
        Way::Snapshot => format!("{verb} in Sentry, seen at {at}"),
    }
}

fn late(done: &WriteBack, news: &News<'_>, why: &str) -> String {
    let (ours, theirs) = (done.in_words(), theirs(news));
    match news.way {
        Way::Change => format!("Stays {ours}; {theirs} {why}"),
        Way::Snapshot => format!("Stays {ours}; Sentry {why}: {theirs}"),
    }
}

fn overrules(done: &WriteBack, news: &News<'_>) -> String {
    let (ours, theirs) = (done.in_words(), theirs(news));
    format!("{} counts: it is later than {ours}", capitalised(&theirs))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

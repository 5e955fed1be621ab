//! One simulated Sentry issue and what has become of it.

use crate::simulator::company::{Fault, Person, Team};
use crate::simulator::random::Random;

/// Whom an issue is assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// A person.
    Person(&'static Person),
    /// A team.
    Team(&'static Team),
}

/// How an issue was resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// At once.
    Now,
    /// In a release.
    InRelease(String),
    /// In whatever release comes next.
    InNextRelease,
    /// By a commit, with this message.
    InCommit(String),
}

/// Until when an issue is archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// Until it becomes much more frequent.
    UntilEscalating,
    /// Until it has happened so many times more.
    UntilCount(u64),
    /// For good.
    Forever,
}

/// Why an issue is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// It has just appeared.
    New,
    /// It has been there for a while.
    Ongoing,
    /// It had been resolved.
    Regressed,
    /// It had been archived and became frequent.
    Escalating,
}

/// Sentry's status of an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Unresolved.
    Open(Open),
    /// Resolved.
    Resolved(Resolution),
    /// Archived.
    Archived(Archive),
}

/// An issue as Sentry would show it now.
#[derive(Clone, Debug)]
pub struct Issue {
    /// What goes wrong.
    pub fault: &'static Fault,
    /// Sentry's id.
    pub id: u64,
    /// Number after the project's prefix.
    pub number: u64,
    /// Type of the exception; empty for a message.
    pub kind: String,
    /// The exception's message, or the message.
    pub value: String,
    /// First event.
    pub first_seen_ms: i64,
    /// Last event.
    pub last_seen_ms: i64,
    /// Events so far.
    pub count: u64,
    /// People it happened to.
    pub users: u64,
    /// Status.
    pub status: Status,
    /// Whom it is assigned to.
    pub assignee: Option<Assignee>,
    /// Comments so far.
    pub comments: u64,
    /// Release of the next events.
    pub release: String,
}

impl Issue {
    /// A new issue, before its first event.
    pub fn new(fault: &'static Fault, id: u64, number: u64, at_ms: i64) -> Self {
        Self {
            fault,
            id,
            number,
            kind: fault.kind.to_owned(),
            value: fault.value.to_owned(),
            first_seen_ms: at_ms,
            last_seen_ms: at_ms,
            count: 0,
            users: 0,
            status: Status::Open(Open::New),
            assignee: None,
            comments: 0,
            release: fault.project.current_release().to_owned(),
        }
    }

    /// Is it an exception?
    pub fn is_error(&self) -> bool {
        !self.kind.is_empty()
    }

    /// The title as Sentry builds it.
    pub fn title(&self) -> String {
        match (self.kind.is_empty(), self.value.is_empty()) {
            (true, _) => self.value.clone(),
            (false, true) => self.kind.clone(),
            (false, false) => format!("{}: {}", self.kind, self.value),
        }
    }

    /// `PAYMENTS-API-3F`: the number is in base 32 without the letters that look like digits.
    pub fn short_id(&self) -> String {
        const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut digits = Vec::new();
        let mut rest = self.number;
        loop {
            let place = usize::try_from(rest % 32).unwrap_or(0);
            digits.push(char::from(DIGITS.get(place).copied().unwrap_or(b'0')));
            rest /= 32;
            if rest == 0 {
                break;
            }
        }
        let number: String = digits.iter().rev().collect();
        format!("{}-{number}", self.fault.project.prefix)
    }

    /// It happened again, so many times until then.
    pub fn happened(&mut self, at_ms: i64, times: u64, random: &mut Random) {
        self.last_seen_ms = self.last_seen_ms.max(at_ms);
        self.count = self.count.saturating_add(times);
        if self.fault.users > 0 {
            let more = 1 + random.below(times.min(self.fault.users));
            self.users = self.users.saturating_add(more).min(self.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::company::payments;

    fn issue(number: u64) -> Issue {
        Issue::new(&payments::FAULTS[0], 1, number, 5)
    }

    #[test]
    fn short_ids_count_in_base_32() {
        assert_eq!(issue(0).short_id(), "PAYMENTS-API-0");
        assert_eq!(issue(31).short_id(), "PAYMENTS-API-Z");
        assert_eq!(issue(111).short_id(), "PAYMENTS-API-3F");
    }

    #[test]
    fn titles_leave_out_what_is_empty() {
        let mut issue = issue(1);
        issue.kind = "MemoryError".to_owned();
        issue.value = String::new();
        assert_eq!(issue.title(), "MemoryError");
        issue.value = "full".to_owned();
        assert_eq!(issue.title(), "MemoryError: full");
        issue.kind = String::new();
        assert_eq!(issue.title(), "full");
    }

    #[test]
    fn never_more_people_than_events() {
        let mut issue = issue(1);
        let mut random = Random::new(1);
        for times in [1, 3, 1, 60] {
            issue.happened(9, times, &mut random);
            assert!(issue.users <= issue.count);
        }
        assert_eq!((issue.count, issue.last_seen_ms), (65, 9));
    }
}

//! Ids: time-ordered 64-bit integers, shown as a prefix and 13 base-32 characters.

use crate::time::Time;
use std::sync::atomic::{AtomicI64, Ordering};

/// Crockford's base 32, lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Milliseconds of 2020-01-01 UTC; ids count from there, which lasts until 2089.
const EPOCH_MS: i64 = 1_577_836_800_000;

/// Nodes that can make ids side by side.
pub const NODE_COUNT: i64 = 1_024;

/// What an id names; its prefix on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// `dlv_`
    Delivery,
    /// `int_`
    Integration,
    /// `inc_`
    Incident,
    /// `iss_`
    Issue,
    /// `evt_`
    Event,
    /// `svc_`
    Service,
    /// `tl_`
    Timeline,
    /// `tok_`
    Token,
    /// `usr_`
    User,
    /// `sec_`
    Secret,
    /// `alr_`
    Alert,
    /// `rep_`
    Repository,
    /// `hst_`
    CodeHost,
    /// `cmt_`
    Commit,
    /// `psh_`
    Push,
    /// `rel_`
    Release,
    /// `dep_`
    Deploy,
    /// `map_`
    Mapping,
    /// `tem_`
    Team,
    /// `con_`
    Contact,
    /// `sch_`
    Schedule,
    /// `ovr_`
    Override,
    /// `esc_`
    Escalation,
    /// `run_`
    Run,
    /// `pag_`
    Page,
    /// `dst_`
    Destination,
    /// `ntf_`
    Notification,
    /// `sil_`
    Silence,
    /// `obs_`
    Observation,
    /// `mnt_`
    Maintenance,
    /// `snc_`
    SentryConnection,
    /// `syn_`
    SyncRun,
}

impl IdKind {
    /// The prefix with its underscore.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Delivery => "dlv_",
            Self::Integration => "int_",
            Self::Incident => "inc_",
            Self::Issue => "iss_",
            Self::Event => "evt_",
            Self::Service => "svc_",
            Self::Timeline => "tl_",
            Self::Token => "tok_",
            Self::User => "usr_",
            Self::Secret => "sec_",
            Self::Alert => "alr_",
            Self::Repository => "rep_",
            Self::CodeHost => "hst_",
            Self::Commit => "cmt_",
            Self::Push => "psh_",
            Self::Release => "rel_",
            Self::Deploy => "dep_",
            Self::Mapping => "map_",
            Self::Team => "tem_",
            Self::Contact => "con_",
            Self::Schedule => "sch_",
            Self::Override => "ovr_",
            Self::Escalation => "esc_",
            Self::Run => "run_",
            Self::Page => "pag_",
            Self::Destination => "dst_",
            Self::Notification => "ntf_",
            Self::Silence => "sil_",
            Self::Observation => "obs_",
            Self::Maintenance => "mnt_",
            Self::SentryConnection => "snc_",
            Self::SyncRun => "syn_",
        }
    }

    /// Writes an id: `dlv_01jq…`.
    pub fn show(self, id: i64) -> String {
        let mut digits = [b'0'; 13];
        let mut rest = id.max(0);
        for digit in digits.iter_mut().rev() {
            let index = usize::try_from(rest & 31).unwrap_or(0);
            *digit = ALPHABET.get(index).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        format!("{}{}", self.prefix(), String::from_utf8_lossy(&digits))
    }

    /// Reads what [`IdKind::show`] wrote; `None` for anything else.
    pub fn parse(self, text: &str) -> Option<i64> {
        let digits = text.strip_prefix(self.prefix())?;
        if digits.len() != 13 {
            return None;
        }
        digits.bytes().try_fold(0_i64, |id, byte| {
            let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
            id.checked_mul(32)?.checked_add(i64::try_from(digit).ok()?)
        })
    }
}

/// Makes ids that only grow: 41 bits of milliseconds, 10 of node, 12 of sequence. Shared by whoever
/// needs one; nobody waits for another.
#[derive(Debug)]
pub struct IdSource {
    node: i64,
    last: AtomicI64,
}

impl IdSource {
    /// A source for this node (0 to 1023) that continues after `last`, the newest id in the store.
    pub fn new(node: i64, last: i64) -> Self {
        Self {
            node: node.rem_euclid(NODE_COUNT),
            last: AtomicI64::new(last),
        }
    }

    /// The next id: not before `now`, always above the previous one.
    pub fn next(&self, now: Time) -> i64 {
        self.next_above(now, 0)
    }

    /// The next id, also above `newest`, which a node whose clock is ahead of ours may have made.
    pub fn next_above(&self, now: Time, newest: i64) -> i64 {
        let tick = now.0.saturating_sub(EPOCH_MS).max(0);
        let fresh = (tick << 22) | (self.node << 12);
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            let floor = last.max(newest);
            let id = if fresh > floor {
                fresh
            } else {
                self.after(floor)
            };
            match self
                .last
                .compare_exchange_weak(last, id, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return id,
                Err(other) => last = other,
            }
        }
    }

    /// The next sequence number, or the next millisecond when 4,096 are used up.
    fn after(&self, last: i64) -> i64 {
        let sequence = last & 0xfff;
        if sequence < 0xfff && (last >> 12) & 0x3ff == self.node {
            return last + 1;
        }
        (((last >> 22) + 1) << 22) | (self.node << 12)
    }
}

/// When an id was made, to the millisecond.
pub fn made_at(id: i64) -> Time {
    Time((id >> 22).saturating_add(EPOCH_MS))
}

/// The smallest id that can be made at or after this instant.
pub fn first_id_at(at: Time) -> i64 {
    at.0.saturating_sub(EPOCH_MS).max(0) << 22
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let source = IdSource::new(7, 0);
        let mut last = 0;
        for step in 0..10_000 {
            let id = source.next(Time(EPOCH_MS + 1_000_000 - step));
            assert!(id > last);
            last = id;
        }
    }

    #[test]
    fn ids_follow_those_of_a_node_whose_clock_is_ahead() {
        let ahead = IdSource::new(9, 0);
        let newest = ahead.next(Time(EPOCH_MS + 60_000));
        let source = IdSource::new(7, 0);
        let first = source.next_above(Time(EPOCH_MS + 5), newest);
        assert!(first > newest);
        assert!(source.next_above(Time(EPOCH_MS + 5), newest) > first);
    }

    #[test]
    fn two_nodes_never_make_the_same_id() {
        let (a, b) = (IdSource::new(1, 0), IdSource::new(2, 0));
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..9_000 {
            assert!(seen.insert(a.next(Time(EPOCH_MS + 5))));
            assert!(seen.insert(b.next(Time(EPOCH_MS + 5))));
        }
    }

    #[test]
    fn many_who_ask_at_once_get_different_ids_that_grow() {
        let source = IdSource::new(7, 0);
        let ask = || -> Vec<i64> {
            let ids = (0..5_000).map(|_| source.next(Time(EPOCH_MS + 5)));
            ids.collect()
        };
        let all: Vec<Vec<i64>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            let ids = threads.into_iter().map(|thread| thread.join().unwrap());
            ids.collect()
        });
        assert!(all.iter().all(|ids| ids.is_sorted_by(|a, b| a < b)));
        let different: std::collections::BTreeSet<i64> = all.into_iter().flatten().collect();
        assert_eq!(different.len(), 20_000);
    }

    #[test]
    fn an_id_says_when_it_was_made() {
        let at = Time(EPOCH_MS + 86_400_123);
        assert_eq!(made_at(IdSource::new(7, 0).next(at)), at);
        assert_eq!(made_at(first_id_at(at)), at);
    }

    proptest! {
        #[test]
        fn showing_and_reading_an_id_are_inverse(id in 0_i64..) {
            prop_assert_eq!(IdKind::Incident.parse(&IdKind::Incident.show(id)), Some(id));
        }

        #[test]
        fn foreign_texts_are_no_ids(text in ".{0,20}") {
            prop_assert_eq!(IdKind::Delivery.parse(&text), None);
        }
    }
}

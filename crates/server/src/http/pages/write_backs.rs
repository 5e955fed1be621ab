//! What Sentry was told of what was done here: the panel on the pages of incidents and issues.

use super::views::parts::Clock;
use super::views::{WriteBackLine, WriteBackPanel};
use epicenter_domain::writeback::{WriteBack, WriteState};

/// The panel. What was done to several issues at once is one line.
pub(super) fn panel(clock: Clock, all: &[WriteBack]) -> WriteBackPanel {
    let mut rows: Vec<WriteBackLine> = Vec::new();
    for done in all.iter().filter(|done| done.is_shown()) {
        let row = line(done);
        let same = rows.iter_mut().find(|known| {
            let alone = WriteBackLine {
                count: 1,
                ..(*known).clone()
            };
            alone == row
        });
        match same {
            Some(known) => known.count += 1,
            None => rows.push(row),
        }
    }
    WriteBackPanel { clock, rows }
}

fn line(done: &WriteBack) -> WriteBackLine {
    let verb = done.said.verb();
    let waits = done.state == WriteState::Waiting && done.attempt_count > 0;
    WriteBackLine {
        state: done.state,
        what: format!("{verb} by {}", done.actor.name),
        asked_at: done.asked_at,
        count: 1,
        told_at: done.told_at.filter(|_| done.state == WriteState::Told),
        next_at: waits.then_some(done.due_at),
        reason: done.reason.clone(),
    }
}

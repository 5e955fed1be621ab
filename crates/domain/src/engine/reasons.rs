//! The sentences of verdicts about incidents.

use super::{Key, Slice};
use crate::incident::{IncidentEvent, Trigger};

/// The verdict's sentence for an alert that joined an incident.
pub(super) fn joined_because(slice: &Slice, key: &Key) -> String {
    let share = slice.alert(key).and_then(|alert| alert.share.as_deref());
    share
        .and_then(|share| share.why.clone())
        .unwrap_or_default()
}

/// The verdict's sentence for an incident that goes on.
pub(super) fn continued(number: i64, events: &[IncidentEvent], trigger: &Trigger) -> String {
    let Some(event) = events.first() else {
        return match trigger {
            Trigger::Fire { .. } => format!("Counted in incident #{number}"),
            Trigger::Unresolved { .. }
            | Trigger::Resolve { .. }
            | Trigger::Archive { .. }
            | Trigger::Acknowledge
            | Trigger::Assign(_)
            | Trigger::Remark(..) => format!("Incident #{number} was already so"),
        };
    };
    match event {
        IncidentEvent::Opened(_) => format!("Opened incident #{number}"),
        IncidentEvent::Reopened(_) => format!("Reopened incident #{number}"),
        IncidentEvent::SeverityChanged(_, to) => {
            format!("Incident #{number} is now {}", to.as_str())
        }
        IncidentEvent::Acknowledged => format!("Acknowledged incident #{number}"),
        IncidentEvent::Archived(_) => format!("Archived incident #{number}"),
        IncidentEvent::Suspended(..) => format!("Holds incident #{number} back for a moment"),
        IncidentEvent::Retriggered(_) | IncidentEvent::Woke => {
            format!("Incident #{number} is back to triggered")
        }
        IncidentEvent::Resolved(_) => format!("Resolved incident #{number}"),
        IncidentEvent::Assigned(to) => format!("Assigned incident #{number} to {}", to.name),
        IncidentEvent::Unassigned => format!("Incident #{number} is assigned to nobody"),
        IncidentEvent::Snoozed(_) => format!("Snoozed incident #{number}"),
        IncidentEvent::MergedInto(_, into) => format!("Merged incident #{number} into #{into}"),
        IncidentEvent::SplitFrom(from) => format!("Split incident #{number} from #{from}"),
        IncidentEvent::Noted(_) | IncidentEvent::Remarked(..) => {
            format!("Noted in the timeline of incident #{number}")
        }
    }
}

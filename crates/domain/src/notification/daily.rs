//! What a daily digest says: what is different from the last one.

use super::wording::{minute, status_word};
use super::{Digest, DigestLine, Link};
use crate::incident::Incident;
use crate::level::Severity;
use crate::time::Time;

/// Incidents that a digest names.
pub const NAMED: usize = 5;

/// What happened since the last digest.
#[derive(Clone, Debug, PartialEq)]
pub struct Delta {
    /// From then on.
    pub from: Time,
    /// Until then.
    pub until: Time,
    /// How many incidents opened.
    pub opened: i64,
    /// How many ended.
    pub resolved: i64,
    /// How many are open now.
    pub open: i64,
    /// Those that opened or are open, with the events that came meanwhile.
    pub incidents: Vec<(Incident, i64)>,
}

impl Delta {
    /// The digest, noisiest first. `base_url`: how others reach this server, without a slash.
    pub fn digest(mut self, base_url: &str) -> Digest {
        self.incidents
            .sort_by_key(|(incident, events)| (-events, -incident.event_count, -incident.id));
        let worst = self.incidents.iter();
        let worst = worst.filter(|(incident, _)| incident.is_open());
        let worst = worst.map(|(incident, _)| incident.severity).max();
        let named = self.incidents.iter().take(NAMED);
        Digest {
            title: self.title(),
            text: format!("From {} to {}.", minute(self.from), minute(self.until)),
            severity: worst.unwrap_or(Severity::Info),
            lines: named.map(|one| line(one, base_url)).collect(),
            more: 0,
            link: Some(Link {
                text: "All open incidents".to_owned(),
                url: format!("{base_url}/incidents"),
            }),
        }
    }

    fn title(&self) -> String {
        if self.opened == 0 && self.resolved == 0 && self.open == 0 {
            return "Nothing happened, and nothing is open".to_owned();
        }
        format!(
            "{} opened, {} resolved, {} still open",
            self.opened, self.resolved, self.open
        )
    }
}

fn line((incident, events): &(Incident, i64), base_url: &str) -> DigestLine {
    let status = status_word(incident.status).to_lowercase();
    let note = match events {
        0 => status,
        1 => format!("1 event, {status}"),
        _ => format!("{events} events, {status}"),
    };
    DigestLine {
        severity: incident.severity,
        link: Link {
            text: format!("#{} {}", incident.number, incident.title),
            url: format!("{base_url}/incidents/{}", incident.number),
        },
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::IncidentStatus;

    fn incident(number: i64, status: IncidentStatus, severity: Severity) -> Incident {
        Incident {
            id: number,
            number,
            status,
            severity,
            workspace_id: 1,
            service_id: None,
            integration_id: 1,
            issue_id: None,
            title: format!("Incident {number}"),
            source: "Sentry - shop".to_owned(),
            dedup_key: format!("sentry-{number}"),
            project: None,
            environment: None,
            release: None,
            culprit: None,
            alert_count: 1,
            event_count: 1,
            user_count: 0,
            assignee: None,
            archived_until: None,
            snoozed_until: None,
            suspended_until: None,
            merged: None,
            is_apart: false,
            opened_at: Time(0),
            triggered_at: Time(0),
            first_seen_at: Time(0),
            last_seen_at: Time(0),
            acknowledged_at: None,
            resolved_at: None,
            previous_incident_id: None,
            sentry_issue_id: None,
            short_id: None,
            permalink: None,
            updated_at: Time(0),
        }
    }

    fn delta(incidents: Vec<(Incident, i64)>) -> Delta {
        Delta {
            from: Time(1_780_000_000_000),
            until: Time(1_780_086_400_000),
            opened: 3,
            resolved: 1,
            open: 2,
            incidents,
        }
    }

    #[test]
    fn the_noisiest_comes_first_and_the_worst_that_is_open_colours_it() {
        let digest = delta(vec![
            (incident(1, IncidentStatus::Triggered, Severity::Warning), 3),
            (
                incident(2, IncidentStatus::Resolved, Severity::Critical),
                90,
            ),
            (
                incident(3, IncidentStatus::Acknowledged, Severity::Error),
                1,
            ),
            (incident(4, IncidentStatus::Triggered, Severity::Info), 0),
        ])
        .digest("https://e.test");
        assert_eq!(digest.title, "3 opened, 1 resolved, 2 still open");
        assert_eq!(digest.severity, Severity::Error);
        let notes: Vec<_> = digest.lines.iter().map(|line| line.note.as_str()).collect();
        assert_eq!(
            notes,
            [
                "90 events, resolved",
                "3 events, triggered",
                "1 event, acknowledged",
                "triggered"
            ]
        );
        assert_eq!(digest.lines[0].link.url, "https://e.test/incidents/2");
        assert!(digest.text.contains("UTC to "), "{}", digest.text);
    }

    #[test]
    fn only_some_are_named_and_a_quiet_day_says_so() {
        let many = (1..20).map(|number| {
            let one = incident(number, IncidentStatus::Triggered, Severity::Error);
            (one, number)
        });
        assert_eq!(delta(many.collect()).digest("").lines.len(), NAMED);
        let quiet = Delta {
            opened: 0,
            resolved: 0,
            open: 0,
            ..delta(Vec::new())
        };
        let digest = quiet.digest("");
        assert_eq!(digest.title, "Nothing happened, and nothing is open");
        assert_eq!(digest.severity, Severity::Info);
    }
}

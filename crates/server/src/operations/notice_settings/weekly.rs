//! Windows of the week in words.

use super::fault;
use epicenter_domain::routing::window::{Day, Draft, Schedule, Span};
use epicenter_domain::sources::Fault;

/// Windows of the week in one time zone, still in words.
#[derive(Clone, Debug, Default)]
pub struct WantedWeekly {
    /// IANA name; empty: UTC.
    pub zone: String,
    /// Days, begin and end of each window; none: no schedule.
    pub windows: Vec<(Vec<String>, String, String)>,
}

/// Minutes since midnight of `09:00`; `24:00` is the end of a day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let is_short = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_short(hours) || minutes.len() != 2 || !is_short(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let all = hours * 60 + minutes;
    (minutes < 60 && all <= 24 * 60).then_some(all)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl WantedWeekly {
    /// The schedule; `None` when there are no windows. What is wrong goes to the faults.
    pub(super) fn read(&self, path: &str, faults: &mut Vec<Fault>) -> Option<Schedule> {
        if self.windows.is_empty() {
            return None;
        }
        let before = faults.len();
        let mut spans = Vec::new();
        for (place, (days, from, until)) in self.windows.iter().enumerate() {
            let path = format!("{path}.windows[{place}]");
            let day = |word: &String| Day::ALL.into_iter().find(|day| day.as_str() == word);
            let days: Option<Vec<Day>> = days.iter().map(day).collect();
            if days.is_none() {
                faults.push(fault(format!("{path}.days"), "must be days such as monday"));
            }
            let mut time = |field: &str, text: &str| {
                let time = minutes(text);
                if time.is_none() {
                    let text = "must be a time of day such as 09:00";
                    faults.push(fault(format!("{path}.{field}"), text));
                }
                time
            };
            let (from, until) = (time("from", from), time("until", until));
            if let (Some(days), Some(from), Some(until)) = (days, from, until) {
                spans.push(Span::weekly(&days, from, until));
            }
        }
        if faults.len() > before {
            return None;
        }
        let zone = match self.zone.trim() {
            "" => "UTC",
            zone => zone,
        };
        let draft = Draft {
            zone: zone.to_owned(),
            spans,
        };
        match Schedule::try_from(draft) {
            Ok(schedule) => Some(schedule),
            Err(error) => {
                faults.push(fault(path, error.to_string()));
                None
            }
        }
    }
}

/// A schedule in words again: what has no times holds all day.
pub fn windows(schedule: &Schedule) -> WantedWeekly {
    let draft = Draft::from(schedule.clone());
    let words = |days: &[Day]| days.iter().map(|day| day.as_str().to_owned()).collect();
    let of = |span: &Span| -> Vec<(Vec<String>, String, String)> {
        let times = span.times.iter();
        times
            .map(|time| (words(&span.weekdays), clock(time.from), clock(time.to)))
            .collect()
    };
    WantedWeekly {
        windows: draft.spans.iter().flat_map(of).collect(),
        zone: draft.zone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_is_read_and_written_the_same() {
        let mut faults = Vec::new();
        let night = (
            vec!["monday".to_owned()],
            "22:00".to_owned(),
            "06:30".to_owned(),
        );
        let day = (Vec::new(), "00:00".to_owned(), "24:00".to_owned());
        let wanted = WantedWeekly {
            zone: "Europe/Paris".to_owned(),
            windows: vec![night.clone(), day.clone()],
        };
        let schedule = wanted.read("quiet", &mut faults).unwrap();
        let again = windows(&schedule);
        assert_eq!(
            (again.zone.as_str(), again.windows),
            ("Europe/Paris", vec![night, day])
        );
        assert_eq!(faults, []);
    }

    #[test]
    fn wrong_windows_are_named() {
        let of = |zone: &str, day: &str, from: &str, until: &str| {
            let mut faults = Vec::new();
            let window = (vec![day.to_owned()], from.to_owned(), until.to_owned());
            let wanted = WantedWeekly {
                zone: zone.to_owned(),
                windows: vec![window],
            };
            assert!(wanted.read("quiet", &mut faults).is_none());
            let fields: Vec<String> = faults.into_iter().map(|fault| fault.field).collect();
            fields.join(" ")
        };
        assert_eq!(of("Moon/Base", "monday", "09:00", "10:00"), "quiet");
        assert_eq!(of("", "monday", "09:00", "09:00"), "quiet");
        assert_eq!(of("", "someday", "09:00", "10:00"), "quiet.windows[0].days");
        assert_eq!(
            of("", "monday", "9", "25:00"),
            "quiet.windows[0].from quiet.windows[0].until"
        );
    }
}

//! What is wrong with a schedule before it is saved.

use super::{Layer, Schedule};
use crate::escalation::calendar::Window;
use crate::limits::{LAYERS, NAME_CHARS, PARTICIPANTS, TURN_HOURS, WINDOWS};
use crate::sources::{Fault, Faults};

impl Schedule {
    /// The faults of zone and layers, with the path of each field.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        if self.layers.len() > LAYERS {
            faults.add("layers", &format!("must be at most {LAYERS}"));
        }
        for (place, layer) in self.layers.iter().enumerate() {
            layer.check(&format!("layers[{place}]"), &mut faults);
        }
        faults.found()
    }
}

impl Layer {
    fn check(&self, path: &str, faults: &mut Faults) {
        if self.name.chars().count() > NAME_CHARS {
            let text = format!("must have at most {NAME_CHARS} characters");
            faults.add(&format!("{path}.name"), &text);
        }
        if self.participants.is_empty() || self.participants.len() > PARTICIPANTS {
            let text = format!("must name 1 to {PARTICIPANTS} users");
            faults.add(&format!("{path}.participants"), &text);
        }
        let hours = self.unit.hours() * i64::from(self.every);
        if !(1..=TURN_HOURS).contains(&hours) {
            let text = format!("must make turns of 1 hour to {} weeks", TURN_HOURS / 168);
            faults.add(&format!("{path}.every"), &text);
        }
        check_windows(&self.windows, &format!("{path}.windows"), faults);
    }
}

/// Are there few enough windows, and has each a day?
pub(in crate::escalation) fn check_windows(windows: &[Window], path: &str, faults: &mut Faults) {
    if windows.len() > WINDOWS {
        faults.add(path, &format!("must be at most {WINDOWS}"));
    }
    for (place, window) in windows.iter().enumerate() {
        if window.days.is_empty() || window.days.len() > 7 {
            let text = "must name 1 to 7 days of the week";
            faults.add(&format!("{path}[{place}].days"), text);
        }
    }
}

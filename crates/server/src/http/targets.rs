//! The targets of an escalation's steps on the wire: an id, whose prefix says what it is.

use epicenter_domain::escalation::policy::Target;
use epicenter_domain::id::IdKind;

/// Reads the id of a target.
pub(super) fn read(text: &str) -> Option<Target> {
    let person = IdKind::User.parse(text).map(Target::Person);
    let team = IdKind::Team.parse(text).map(Target::Team);
    let schedule = IdKind::Schedule.parse(text).map(Target::Schedule);
    let destination = IdKind::Destination.parse(text).map(Target::Destination);
    person.or(team).or(schedule).or(destination)
}

/// Writes the id of a target.
pub(super) fn show(target: Target) -> String {
    match target {
        Target::Person(id) => IdKind::User.show(id),
        Target::Team(id) => IdKind::Team.show(id),
        Target::Schedule(id) => IdKind::Schedule.show(id),
        Target::Destination(id) => IdKind::Destination.show(id),
    }
}

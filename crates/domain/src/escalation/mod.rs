//! Who is told, and when: on-call schedules, escalation policies and their runs, quiet hours.

pub mod calendar;
pub mod daily;
pub mod ics;
pub mod policy;
pub mod quiet;
pub mod run;
pub mod schedule;

//! The real process, killed under load, and on a disk that fails (FIELD §3.3 cases 19 to 24).

mod disk;
mod doctor;
mod killed;
mod killed_memory;
mod ledger;
mod process;

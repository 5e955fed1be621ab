//! The real process, killed under load (FIELD §3.3 cases 19 to 21).

mod killed;
mod ledger;
mod process;

//! Lines for the terminal.

use std::io::Write;

/// One line on standard output.
pub(super) fn say(line: &str) {
    // A reader that went away (`| head`) is no failure of the command.
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// One line on standard error.
pub(super) fn complain(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

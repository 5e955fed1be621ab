//! How fast Epicenter is on a database that holds much: the same measurements on a small and on a
//! large one, so that what grows with the data is seen as a ratio.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measuring tool talks on stdout, and tells its progress on stderr"
)]

mod ask;
mod fill;
mod loads;
mod program;
mod questions;
mod round;
mod table;

use clap::Parser;
use epicenter_bench::{Failure, document};
use fill::Size;
use program::Program;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The small database is so many times smaller.
const SMALLER: u32 = 50;

/// `scripts/bench stored` fills some of these in.
#[derive(Parser)]
#[command(
    about = "Measures Epicenter on a large SQLite database; scripts/bench stored runs it",
    args_override_self = true
)]
struct Arguments {
    /// Epicenter.
    #[arg(long)]
    epicenter: PathBuf,
    /// An empty folder on the disk to measure.
    #[arg(long)]
    scratch: PathBuf,
    /// Incidents, and issues, of the large database.
    #[arg(long, default_value_t = 1_000_000)]
    incidents: u32,
    /// Its events.
    #[arg(long, default_value_t = 10_000_000)]
    events: u32,
    /// Seconds of every load.
    #[arg(long, default_value_t = 15.0)]
    seconds: f64,
    /// Leaves the loads out: only lists and pages.
    #[arg(long)]
    lists_only: bool,
    /// A folder where the filled databases stay for the next time; copies of them are measured.
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Rewrites the figures in a document.
    #[arg(long)]
    write: Option<PathBuf>,
    /// How the run was started.
    #[arg(long, default_value = "stored")]
    command: String,
    /// When, on what, and with what it was built: one line of the heading each.
    #[arg(long)]
    fact: Vec<String>,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let large = Size {
        incidents: arguments.incidents.max(1_000),
        events: arguments.events.max(10_000),
    };
    let small = Size {
        incidents: (large.incidents / SMALLER).max(1_000),
        events: (large.events / SMALLER).max(10_000),
    };
    let seconds = Duration::try_from_secs_f64(arguments.seconds)?;
    let mut rounds = Vec::new();
    for size in [small, large] {
        let name = format!("stored-{}-{}", size.incidents, size.events);
        let database = arguments.scratch.join(&name);
        fs::create_dir(&database)?;
        let program = Program {
            binary: &arguments.epicenter,
            folder: &arguments.scratch,
            database: database.join("store.db"),
        };
        let kept = arguments
            .keep
            .as_deref()
            .map(|keep| keep.join(format!("{name}.db")));
        provide(&program, size, kept.as_deref())?;
        // What filling has left to write is not the program's load.
        Command::new("sync").status()?;
        let round = round::measure(&program, size, (!arguments.lists_only).then_some(seconds))?;
        fs::remove_dir_all(&database)?;
        rounds.push(round);
    }
    let heading = table::Heading {
        command: &arguments.command,
        facts: &arguments.fact,
        seconds: arguments.seconds,
        sizes: [small, large],
    };
    let text = table::markdown(&heading, &rounds);
    println!("{text}");
    if let Some(path) = &arguments.write {
        document::rewrite(path, "stored", &text)?;
    }
    Ok(())
}

/// Brings a filled database to where it is measured: a kept one, or one that is made now.
fn provide(program: &Program<'_>, size: Size, kept: Option<&Path>) -> Result<(), Failure> {
    if let Some(kept) = kept.filter(|kept| kept.exists()) {
        eprintln!(
            "{} incidents: copied from {}",
            size.incidents,
            kept.display()
        );
        fs::copy(kept, &program.database)?;
        return Ok(());
    }
    eprintln!("{} incidents: filling", size.incidents);
    fill::seed(program)?;
    fill::multiply(&program.database, size)?;
    if let Some(kept) = kept {
        fs::copy(&program.database, kept)?;
    }
    Ok(())
}

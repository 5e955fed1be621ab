//! Compares Epicenter with the bare limit, in one run on one machine, and prints a table.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measuring tool talks on stdout, and tells its progress on stderr"
)]

mod round;
mod server;
mod store;
mod summary;
mod table;

use clap::{Parser, ValueEnum};
use epicenter_bench::{Failure, document};
use round::{Round, Timing};
use server::Program;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use store::Place;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Engine {
    Sqlite,
    Postgres,
}

/// `scripts/bench` fills these in.
#[derive(Parser)]
#[command(
    about = "Compares Epicenter with the bare limit; scripts/bench runs it",
    args_override_self = true
)]
struct Arguments {
    #[arg(long, value_enum)]
    engine: Engine,
    /// The limit program.
    #[arg(long)]
    limit: PathBuf,
    /// Epicenter.
    #[arg(long)]
    epicenter: PathBuf,
    /// An empty folder on the disk to measure.
    #[arg(long)]
    scratch: PathBuf,
    /// A database of the cluster, in which others may be created.
    #[arg(long, default_value = "")]
    postgres_url: String,
    /// Process of the cluster.
    #[arg(long, default_value_t = 0)]
    postgres_pid: u32,
    /// The limit and Epicenter take turns so often.
    #[arg(long, default_value_t = 2)]
    rounds: u32,
    /// Seconds of every measurement.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Connections of the closed loop.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Only Epicenter or only the limit: to look at one of them closely.
    #[arg(long, value_enum)]
    only: Option<Program>,
    /// Rewrites the figures of this engine in a document.
    #[arg(long)]
    write: Option<PathBuf>,
    /// How the run was started.
    #[arg(long, default_value = "bench")]
    command: String,
    /// When, on what, and with what it was built: one line of the heading each.
    #[arg(long)]
    fact: Vec<String>,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let timing = Timing {
        seconds: Duration::try_from_secs_f64(arguments.seconds)?,
        connections: arguments.connections,
    };
    let place = match arguments.engine {
        Engine::Sqlite => Place::file(&arguments.scratch),
        Engine::Postgres => Place::cluster(&arguments.postgres_url, arguments.postgres_pid)?,
    };
    let mut rounds: Vec<(Program, Round)> = Vec::new();
    for number in 1..=arguments.rounds.max(1) {
        for program in [Program::Limit, Program::Epicenter] {
            if arguments.only.is_some_and(|only| only != program) {
                continue;
            }
            // What the one before has left to write is not this one's load.
            Command::new("sync").status()?;
            let name = format!("{}_{number}", program.name());
            eprintln!("{} round {number}: {}", place.engine_name(), program.name());
            let binary = match program {
                Program::Limit => &arguments.limit,
                Program::Epicenter => &arguments.epicenter,
            };
            let store = place.create(&name)?;
            let start = server::Start {
                program,
                binary,
                store: &store,
                scratch: &arguments.scratch,
                name: &name,
            };
            let round = round::measure(&start, timing, u64::from(number))?;
            eprintln!("  {}", serde_json::to_string(&round)?);
            store.remove()?;
            rounds.push((program, round));
        }
    }
    let heading = table::Heading {
        engine: place.engine_name(),
        version: place.version()?,
        command: &arguments.command,
        facts: &arguments.fact,
        rounds: arguments.rounds,
        timing,
    };
    let text = table::markdown(&heading, &rounds);
    println!("{text}");
    if let Some(path) = &arguments.write {
        document::rewrite(path, place.engine_name(), &text)?;
    }
    Ok(())
}

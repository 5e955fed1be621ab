//! How good the suspect ranking is, on bugs whose guilty commit is known; and the search for its
//! weights. Needs a folder of cases, see `docs/suspects.md`.
#![expect(clippy::print_stdout, reason = "a measuring tool talks on stdout")]

mod calibration;
mod cases;
mod figures;
mod fit;
mod misses;
mod reasoned;
mod report;
mod speed;
mod trials;

use clap::Parser;
use epicenter_bench::Failure;
use epicenter_domain::suspect::Weights;
use std::path::PathBuf;

#[derive(Parser)]
#[command(about = "How good the suspect ranking is, on bugs whose guilty commit is known")]
struct Arguments {
    /// A folder with one folder for each project: `cases.jsonl.gz`, `commits.jsonl.gz`.
    folder: PathBuf,
    /// Search weights on the development half and print them, and what is reached when each project
    /// is ranked with weights that were found without it.
    #[arg(long)]
    fit: bool,
    /// Print the cases of the development half whose guilty commit is not first, with reasons.
    #[arg(long)]
    misses: bool,
    /// Print only how long rankings take.
    #[arg(long)]
    speed: bool,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let projects = cases::load(&arguments.folder)?;
    let weights = Weights::default();
    if arguments.misses {
        misses::print(&projects, &weights);
        return Ok(());
    }
    if arguments.speed {
        speed::print(&projects, &weights);
        return Ok(());
    }
    let trials = trials::all(&projects);
    if arguments.fit {
        fit::print(&trials, &reasoned::weights());
        return Ok(());
    }
    report::print(&trials, &weights);
    calibration::print(&trials, &weights);
    speed::print(&projects, &weights);
    Ok(())
}

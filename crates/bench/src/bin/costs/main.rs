//! What single steps cost, in processor time: rows in a transaction, packing, parsing.
#![expect(clippy::print_stdout, reason = "a measuring tool talks on stdout")]

mod grouping;
mod packing;
mod parsing;
mod rows;
mod table;

use clap::{Parser, Subcommand};
use epicenter_bench::Failure;
use std::path::PathBuf;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "What single steps cost, in processor time")]
struct Arguments {
    #[command(subcommand)]
    step: Step,
}

#[derive(Subcommand)]
enum Step {
    /// Rows written to SQLite, by the shape of the statements and by pragma.
    Rows {
        /// Rows per variant.
        #[arg(long, default_value_t = 40_000)]
        rows: usize,
        /// Only variants whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// zstd, with and without a dictionary.
    Packing {
        /// A folder of sample webhooks (JSON files with a `raw` or `body` field) to train on.
        #[arg(long)]
        samples: PathBuf,
    },
    /// Reading a body as JSON.
    Parsing,
    /// Seeing whether an alert joins an open incident.
    Grouping,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    match Arguments::parse().step {
        Step::Rows { rows, only } => rows::measure(rows, &only).await,
        Step::Packing { samples } => packing::measure(&samples),
        Step::Grouping => {
            grouping::measure();
            Ok(())
        }
        Step::Parsing => {
            parsing::measure();
            Ok(())
        }
    }
}

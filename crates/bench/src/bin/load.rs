//! Loads a server on this machine with signed webhooks, and prints what came of it as JSON.
#![expect(clippy::print_stdout, reason = "a measuring tool talks on stdout")]

use clap::Parser;
use epicenter_bench::Failure;
use epicenter_bench::load::{Plan, run};
use std::net::SocketAddr;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Loads a server on this machine with signed webhooks")]
struct Arguments {
    /// A loopback address.
    #[arg(long)]
    target: SocketAddr,
    #[arg(long, default_value = "/hooks/sentry")]
    path: String,
    #[arg(long)]
    secret: String,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// How long.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Requests per second (open loop); without it, as fast as they are answered.
    #[arg(long)]
    rate: Option<u32>,
    #[arg(long, default_value_t = 200)]
    issues: u32,
    /// Distinguishes the event ids of this run from those of another.
    #[arg(long, default_value_t = 0)]
    run: u64,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let report = run(&Plan {
        target: arguments.target,
        path: arguments.path,
        secret: arguments.secret,
        connections: arguments.connections,
        time: Duration::try_from_secs_f64(arguments.seconds)?,
        rate: arguments.rate,
        issues: arguments.issues,
        run: arguments.run,
    })?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

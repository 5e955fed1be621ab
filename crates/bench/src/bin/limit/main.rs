//! The bare limit: HTTP, the signature, one durable group commit of the raw bytes, 202. Nothing
//! else. What Epicenter reaches is stated as a share of this.
#![expect(clippy::print_stdout, reason = "a measuring tool talks on stdout")]

mod sink;
mod writer;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use clap::{Parser, ValueEnum};
use epicenter_bench::Failure;
use epicenter_bench::sentry_hook::Signer;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use sink::Sink;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use writer::Writer;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
    /// No store at all: what HTTP and the signature cost.
    None,
}

#[derive(Parser)]
#[command(about = "The bare limit: HTTP, signature, group commit of the raw bytes, 202")]
struct Arguments {
    #[arg(long, value_enum)]
    engine: Engine,
    /// `sqlite://FILE` or `postgres://…`.
    #[arg(long, default_value = "")]
    db: String,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    #[arg(long)]
    secret: String,
}

#[derive(Clone)]
struct Door {
    signer: Signer,
    writer: Writer,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let sink = match arguments.engine {
        Engine::Sqlite => Sink::sqlite(&arguments.db).await?,
        Engine::Postgres => Sink::postgres(&arguments.db).await?,
        Engine::None => Sink::Nothing,
    };
    let (writer, writing) = writer::start(sink);
    let door = Door {
        signer: Signer::new(&arguments.secret)?,
        writer,
    };
    let app = Router::new()
        .route("/{*path}", post(receive))
        .with_state(door);
    let listener = TcpListener::bind(arguments.listen).await?;
    println!("listening on {}", listener.local_addr()?);
    let mut stop = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            accepted = listener.accept() => serve(accepted?.0, app.clone()),
            _ = stop.recv() => break,
        }
    }
    // Connections that are still open end with the process; what was taken is stored first.
    writing.abort_when_idle(app).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "connections of a measuring tool end with it"
)]
fn serve(stream: TcpStream, app: Router) {
    tokio::spawn(async move {
        if stream.set_nodelay(true).is_ok() {
            let service = TowerToHyperService::new(app);
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(30))
                .serve_connection(TokioIo::new(stream), service);
            // A client that goes away is no failure of the measurement.
            drop(served.await);
        }
    });
}

async fn receive(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let Some(signature) = headers.get("sentry-hook-signature") else {
        return StatusCode::UNAUTHORIZED;
    };
    if !door.signer.is_valid(&body, signature.as_bytes()) {
        return StatusCode::UNAUTHORIZED;
    }
    if door.writer.store(body).await {
        StatusCode::ACCEPTED
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    }
}

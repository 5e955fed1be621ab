//! The group commit: whatever waits when the last commit ends goes into the next one.

use crate::sink::Sink;
use axum::body::Bytes;
use epicenter_bench::Failure;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Most bodies per commit.
const MOST: usize = 200;

struct Waiting {
    body: Bytes,
    done: oneshot::Sender<bool>,
}

/// Takes bodies.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Waiting>);

/// The task behind it.
pub(crate) struct Writing(JoinHandle<Result<(), Failure>>);

impl Writer {
    /// Returns when the body is durable; false if it never will be.
    pub(crate) async fn store(&self, body: Bytes) -> bool {
        let (done, stored) = oneshot::channel();
        self.0.send(Waiting { body, done }).await.is_ok() && stored.await.unwrap_or(false)
    }
}

impl Writing {
    /// Drops the last door, and waits for what was taken, but not for idle connections.
    pub(crate) async fn abort_when_idle<T>(self, door: T) -> Result<(), Failure> {
        drop(door);
        let finished = tokio::time::timeout(std::time::Duration::from_secs(1), self.0).await;
        finished.map_or(Ok(()), |joined| joined?)
    }
}

/// Starts the task.
#[expect(clippy::disallowed_methods, reason = "the one task; it is waited for")]
pub(crate) fn start(sink: Sink) -> (Writer, Writing) {
    let (sender, receiver) = mpsc::channel(4 * MOST);
    (Writer(sender), Writing(tokio::spawn(write(sink, receiver))))
}

async fn write(mut sink: Sink, mut receiver: mpsc::Receiver<Waiting>) -> Result<(), Failure> {
    let mut waiting = Vec::with_capacity(MOST);
    while receiver.recv_many(&mut waiting, MOST).await > 0 {
        let bodies: Vec<Bytes> = waiting.iter().map(|one| one.body.clone()).collect();
        let stored = sink.store(&bodies).await;
        for one in waiting.drain(..) {
            // Nobody waits for a request whose client has gone.
            let _gone = one.done.send(stored.is_ok());
        }
        stored?;
    }
    sink.close().await
}

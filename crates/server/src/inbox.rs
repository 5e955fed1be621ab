//! The group-commit writer: many requests, one commit. A request is answered after its commit.

use crate::limits::{INBOX_CROWD, INBOX_GROUP, INBOX_QUEUE};
use epicenter_store::inbox::{self, NewDelivery};
use epicenter_store::{Database, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Why a request could not be stored. Nothing was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotStored {
    /// The disk, or the cap of the file, is full.
    DiskFull,
    /// The database is away.
    Unavailable,
    /// The server is stopping.
    Stopping,
}

struct Waiting {
    delivery: NewDelivery,
    done: oneshot::Sender<Result<(), NotStored>>,
}

/// Where the door puts what it has proven.
#[derive(Clone, Debug)]
pub struct Inbox {
    queue: mpsc::Sender<Waiting>,
    crowd: Arc<Crowd>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting")
            .field("id", &self.delivery.id)
            .finish_non_exhaustive()
    }
}

impl Inbox {
    /// An inbox, and the writer that must be run for it. `arrived` is notified after each commit.
    /// `broken` is cancelled when the disk fails.
    pub fn new(
        database: Database,
        arrived: Arc<Notify>,
        broken: CancellationToken,
    ) -> (Self, Writer) {
        let (queue, waiting) = mpsc::channel(INBOX_QUEUE);
        let crowd = Arc::new(Crowd::default());
        (
            Self {
                queue,
                crowd: Arc::clone(&crowd),
            },
            Writer {
                database,
                waiting,
                crowd,
                arrived,
                broken,
            },
        )
    }

    /// Have so many senders waited for each commit since this was last asked, that answering should
    /// go before applying?
    pub fn was_crowded(&self) -> bool {
        let (commits, requests) = self.crowd.take();
        commits > 0 && requests / commits >= INBOX_CROWD
    }

    /// Stores one request; returns when it is durable.
    pub async fn store(&self, delivery: NewDelivery) -> Result<(), NotStored> {
        let (done, stored) = oneshot::channel();
        let waiting = Waiting { delivery, done };
        self.queue
            .send(waiting)
            .await
            .map_err(|_| NotStored::Stopping)?;
        stored.await.unwrap_or(Err(NotStored::Stopping))
    }
}

/// Commits, in the upper half, and the requests in them, since it was last asked.
#[derive(Debug, Default)]
struct Crowd(AtomicU64);

impl Crowd {
    fn commit(&self, requests: usize) {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        self.0
            .fetch_add((1 << 32) + u64::from(requests), Ordering::Relaxed);
    }

    fn take(&self) -> (u64, u64) {
        let both = self.0.swap(0, Ordering::Relaxed);
        (both >> 32, both & u64::from(u32::MAX))
    }
}

/// The only one who appends to the inbox.
#[derive(Debug)]
pub struct Writer {
    database: Database,
    waiting: mpsc::Receiver<Waiting>,
    crowd: Arc<Crowd>,
    arrived: Arc<Notify>,
    broken: CancellationToken,
}

impl Writer {
    /// Commits whatever waits, in groups, until `stop`; what waits then is still committed. A group
    /// is what came while the previous one was committed, so nobody waits for a timer.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut group = Vec::with_capacity(INBOX_GROUP);
        loop {
            tokio::select! {
                biased;
                count = self.waiting.recv_many(&mut group, INBOX_GROUP) => if count == 0 { break },
                () = stop.cancelled() => break,
            }
            self.crowd.commit(group.len());
            let (deliveries, waiters): (Vec<_>, Vec<_>) = group
                .drain(..)
                .map(|waiting| (waiting.delivery, waiting.done))
                .unzip();
            let result = self.commit(&deliveries).await;
            if let Err(error) = &result {
                tracing::error!(
                    count = deliveries.len(),
                    %error,
                    "{} requests could not be stored: {error}",
                    deliveries.len()
                );
            }
            let is_broken = result.as_ref().is_err_and(StoreError::is_disk_broken);
            let answer = result.map_err(|error| why(&error));
            for waiter in waiters {
                // A sender that hung up meanwhile does not need the answer.
                let _: Result<(), _> = waiter.send(answer);
            }
            if is_broken {
                // Nothing is tried again; whoever waits hears that it was not stored.
                self.broken.cancel();
                break;
            }
            if answer.is_ok() {
                self.arrived.notify_one();
            }
        }
    }

    async fn commit(&self, deliveries: &[NewDelivery]) -> Result<(), StoreError> {
        let mut tx = self.database.write().await?;
        inbox::append(&mut tx, deliveries).await?;
        tx.commit().await
    }
}

fn why(error: &StoreError) -> NotStored {
    if error.is_disk_full() {
        NotStored::DiskFull
    } else {
        NotStored::Unavailable
    }
}

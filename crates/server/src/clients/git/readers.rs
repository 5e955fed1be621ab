//! Threads that read clones: everything about them blocks.

use super::GitError;
use crate::limits::CLONE_READERS;
use tokio::sync::Semaphore;

/// Lets a few read clones at the same time; the others wait.
#[derive(Debug)]
pub struct Readers(Semaphore);

impl Default for Readers {
    fn default() -> Self {
        Self(Semaphore::new(CLONE_READERS))
    }
}

impl Readers {
    /// Reads on a thread for blocking work. What the library does not survive is damage, too.
    pub async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, GitError> {
        let permit = self.0.acquire().await;
        let permit = permit.map_err(|error| GitError::damaged(&error))?;
        let answer = tokio::task::spawn_blocking(read).await;
        drop(permit);
        answer.map_err(|_| GitError::Damaged("reading it failed".to_owned()))
    }
}

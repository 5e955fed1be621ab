//! Answers to people who pressed a button in Slack, on their way to the worker that sends them. In
//! memory only: they are for one pair of eyes and of use for seconds; what was done is in the
//! timeline and on the card.

use crate::limits::SLACK_REPLIES;
use std::sync::{Mutex, PoisonError};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Where Slack takes it.
    pub url: String,
    /// Slack's markup.
    pub text: String,
}

/// The queue.
#[derive(Debug)]
pub struct Replies {
    sender: Sender<Reply>,
    receiver: Mutex<Option<Receiver<Reply>>>,
}

impl Default for Replies {
    fn default() -> Self {
        let (sender, receiver) = channel(SLACK_REPLIES);
        Self {
            sender,
            receiver: Mutex::new(Some(receiver)),
        }
    }
}

impl Replies {
    /// Hands an answer to the worker; dropped when too many wait.
    pub fn put(&self, reply: Reply) {
        if self.sender.try_send(reply).is_err() {
            tracing::warn!("too many answers to Slack wait; one was dropped");
        }
    }

    /// The end that the worker reads; there is one worker.
    pub fn take(&self) -> Option<Receiver<Reply>> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.take()
    }
}

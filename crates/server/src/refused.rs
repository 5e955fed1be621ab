//! Requests whose sender was not proven: counted, and a few kept in memory for the diagnosis.
//! Their bodies are never written to disk as they came (docs/decisions/0005).

use crate::limits::{REFUSED_PER_MINUTE, REFUSED_SAMPLE_BYTES, REFUSED_SAMPLES};
use bytes::Bytes;
use epicenter_domain::delivery::Headers;
use epicenter_domain::proof::Refusal;
use epicenter_domain::time::{MINUTE_MS, Time};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One refused request.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When.
    pub at: Time,
    /// Headers as they came.
    pub headers: Headers,
    /// Body as it came; empty if it was too large to keep.
    pub body: Bytes,
    /// Why it was refused.
    pub refusal: Refusal,
}

#[derive(Debug, Default)]
struct Kept {
    samples: VecDeque<Sample>,
    minute: i64,
    recorded: usize,
    count: u64,
}

/// The newest refused requests of every integration.
#[derive(Debug, Default)]
pub struct Refused(Mutex<HashMap<i64, Kept>>);

impl Refused {
    /// Keeps a sample. True if it should be recorded in the delivery log too.
    pub fn keep(
        &self,
        integration_id: i64,
        headers: &Headers,
        body: &Bytes,
        refusal: Refusal,
        at: Time,
    ) -> bool {
        let mut all = self.lock();
        let kept = all.entry(integration_id).or_default();
        kept.count += 1;
        let body = if body.len() > REFUSED_SAMPLE_BYTES {
            Bytes::new()
        } else {
            Bytes::copy_from_slice(body)
        };
        kept.samples.push_front(Sample {
            at,
            headers: headers.clone(),
            body,
            refusal,
        });
        kept.samples.truncate(REFUSED_SAMPLES);
        let minute = at.0.div_euclid(MINUTE_MS);
        if minute != kept.minute {
            kept.minute = minute;
            kept.recorded = 0;
        }
        kept.recorded += 1;
        kept.recorded <= REFUSED_PER_MINUTE
    }

    /// The newest samples of an integration, newest first.
    pub fn samples(&self, integration_id: i64) -> Vec<Sample> {
        self.lock()
            .get(&integration_id)
            .map(|kept| kept.samples.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Refused requests of an integration since the start.
    pub fn count(&self, integration_id: i64) -> u64 {
        self.lock()
            .get(&integration_id)
            .map_or(0, |kept| kept.count)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

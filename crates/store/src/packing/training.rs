//! A dictionary of one's own, trained on the bodies that are stored.

use super::{Dictionary, PackingError, damaged};
use std::sync::Arc;
use zstd::bulk::Compressor;

/// Bytes of a dictionary; more packs hardly better and costs memory in every thread.
const DICTIONARY_BYTES: usize = 64 << 10;

/// A candidate, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trained {
    /// As zstd wants it.
    pub content: Arc<[u8]>,
    /// Bytes of the test samples, packed with it.
    pub bytes: usize,
    /// Bytes of the same samples, packed with the dictionary in use.
    pub bytes_now: usize,
}

/// Trains a dictionary on every other sample and tries it on the rest, against the one in use.
/// Takes a tenth of a second of processor time for 500 samples of 11 KB.
pub fn train(samples: &[Vec<u8>], in_use: &Dictionary) -> Result<Trained, PackingError> {
    let learnt: Vec<&Vec<u8>> = samples.iter().step_by(2).collect();
    let content =
        zstd::dict::from_samples(&learnt, DICTIONARY_BYTES).map_err(|error| damaged(&error))?;
    let tried = || samples.iter().skip(1).step_by(2);
    let bytes_with = |dictionary: &[u8]| -> std::io::Result<usize> {
        let mut compressor = Compressor::with_dictionary(super::LEVEL, dictionary)?;
        tried().try_fold(
            0,
            |sum, sample| Ok(sum + compressor.compress(sample)?.len()),
        )
    };
    Ok(Trained {
        bytes: bytes_with(&content).map_err(|error| damaged(&error))?,
        bytes_now: bytes_with(&in_use.content).map_err(|error| damaged(&error))?,
        content: content.into(),
    })
}

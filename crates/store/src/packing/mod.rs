//! Bodies on disk: headers and body in one piece, compressed with a dictionary.
//!
//! Epicenter comes with a dictionary trained on what Sentry sends. What one company's projects send is
//! far more alike than that, so a dictionary of its own is trained from the stored bodies.

mod dictionary;
mod training;

pub(crate) use dictionary::BUILT_IN;
pub use dictionary::Dictionary;
pub use training::{Trained, train};

use epicenter_domain::delivery::Headers;
use epicenter_domain::signal::EventDetail;
use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

/// zstd's level: with a dictionary, 3 costs no more than 1 and packs better.
const LEVEL: i32 = 3;
/// The largest piece that is ever unpacked: the largest body (25 MiB) and its headers.
const MOST_BYTES: usize = 27 << 20;
/// Dictionaries that a thread keeps ready for unpacking: the newest, the one before, and two for
/// those who look at old deliveries.
const READY: usize = 4;

/// A packed delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Which dictionary it needs.
    pub dictionary: i64,
    /// The compressed bytes.
    pub content: Vec<u8>,
}

/// An unpacked delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Headers.
    pub headers: Headers,
    /// Body.
    pub body: Vec<u8>,
}

/// Why a packed delivery cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PackingError {
    /// Damaged.
    #[error("the stored body is damaged: {0}")]
    Damaged(String),
}

type Ready<T> = RefCell<Vec<(i64, T)>>;

thread_local! {
    static COMPRESSORS: Ready<Compressor<'static>> = const { RefCell::new(Vec::new()) };
    static DECOMPRESSORS: Ready<Decompressor<'static>> = const { RefCell::new(Vec::new()) };
}

/// Uses this thread's tool for a dictionary, made on first use. The oldest ones of `most` go.
fn with_ready<T, A>(
    ready: &mut Vec<(i64, T)>,
    (id, most): (i64, usize),
    make: impl FnOnce() -> std::io::Result<T>,
    work: impl FnOnce(&mut T) -> std::io::Result<A>,
) -> std::io::Result<A> {
    if let Some((_, tool)) = ready.iter_mut().find(|(known, _)| *known == id) {
        return work(tool);
    }
    let mut tool = make()?;
    let answer = work(&mut tool);
    if ready.len() >= most {
        ready.remove(0);
    }
    ready.push((id, tool));
    answer
}

fn damaged(error: &dyn std::fmt::Display) -> PackingError {
    PackingError::Damaged(error.to_string())
}

/// Headers and body in one piece.
fn joined(headers: &Headers, body: &[u8]) -> Result<Vec<u8>, PackingError> {
    let mut plain = Vec::with_capacity(body.len() + 1_024);
    serde_json::to_writer(&mut plain, headers).map_err(|error| damaged(&error))?;
    plain.push(b'\n');
    plain.extend_from_slice(body);
    Ok(plain)
}

/// Packs headers and body.
pub fn pack(
    dictionary: &Dictionary,
    headers: &Headers,
    body: &[u8],
) -> Result<Packed, PackingError> {
    let plain = joined(headers, body)?;
    let content = COMPRESSORS
        .with_borrow_mut(|ready| {
            with_ready(
                ready,
                (dictionary.id, 1),
                || Compressor::with_dictionary(LEVEL, &dictionary.content),
                |compressor| compressor.compress(&plain),
            )
        })
        .map_err(|error| damaged(&error))?;
    Ok(Packed {
        dictionary: dictionary.id,
        content,
    })
}

/// Unpacks what [`pack`] wrote with this dictionary.
pub fn unpack(dictionary: &Dictionary, content: &[u8]) -> Result<Unpacked, PackingError> {
    let mut plain = plain(dictionary, content)?;
    let Some(end) = plain.iter().position(|byte| *byte == b'\n') else {
        return Err(PackingError::Damaged("the headers do not end".to_owned()));
    };
    let body = plain.split_off(end + 1);
    plain.pop();
    let headers = serde_json::from_slice(&plain).map_err(|error| damaged(&error))?;
    Ok(Unpacked { headers, body })
}

/// Headers and body in one piece, as they were packed.
pub(crate) fn plain(dictionary: &Dictionary, content: &[u8]) -> Result<Vec<u8>, PackingError> {
    let capacity = Decompressor::upper_bound(content)
        .unwrap_or(MOST_BYTES)
        .min(MOST_BYTES);
    DECOMPRESSORS
        .with_borrow_mut(|ready| {
            with_ready(
                ready,
                (dictionary.id, READY),
                || Decompressor::with_dictionary(&dictionary.content),
                |decompressor| decompressor.decompress(content, capacity),
            )
        })
        .map_err(|error| damaged(&error))
}

/// Packs the detail of an event for its row.
pub fn pack_detail(detail: &EventDetail) -> Result<Vec<u8>, PackingError> {
    let plain = serde_json::to_vec(detail).map_err(|error| damaged(&error))?;
    zstd::bulk::compress(&plain, LEVEL).map_err(|error| damaged(&error))
}

/// Unpacks what [`pack_detail`] wrote.
pub fn unpack_detail(packed: &[u8]) -> Result<EventDetail, PackingError> {
    let plain = zstd::bulk::decompress(packed, MOST_BYTES).map_err(|error| damaged(&error))?;
    serde_json::from_slice(&plain).map_err(|error| damaged(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_byte_for_byte() {
        let headers = Headers::new([("Sentry-Hook-Resource", "issue"), ("X-A", "line\nbreak")]);
        for body in [
            &b""[..],
            b"{\"a\":1}",
            &[0, 255, 10, 13],
            "caf\u{e9} \u{1f4a5}".as_bytes(),
        ] {
            let packed = pack(&Dictionary::built_in(), &headers, body).unwrap();
            let unpacked = unpack(&Dictionary::built_in(), &packed.content).unwrap();
            assert_eq!(
                (unpacked.headers, unpacked.body.as_slice()),
                (headers.clone(), body)
            );
        }
    }

    #[test]
    fn damaged_bodies_are_errors() {
        let dictionary = Dictionary::built_in();
        let packed = pack(&dictionary, &Headers::default(), &[b'x'; 5_000]).unwrap();
        assert!(unpack(&dictionary, &packed.content[..packed.content.len() - 3]).is_err());
        assert!(unpack(&dictionary, b"not zstd").is_err());
    }
}

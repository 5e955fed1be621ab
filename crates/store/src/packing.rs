//! Bodies on disk: headers and body in one piece, compressed with a dictionary trained on what
//! Sentry sends.

use epicenter_domain::delivery::Headers;
use epicenter_domain::signal::EventDetail;
use std::cell::RefCell;
use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// zstd's level: with a dictionary, 3 costs no more than 1 and packs better.
const LEVEL: i32 = 3;
/// The newest dictionary. Older ones stay readable for as long as their bodies are kept.
const NEWEST: i64 = 1;
/// The largest piece that is ever unpacked: the largest body (25 MiB) and its headers.
const MOST_BYTES: usize = 27 << 20;

static DICTIONARY: &[u8] = include_bytes!("packing/sentry-1.dict");
static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

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
    /// Written by a newer version.
    #[error("it needs dictionary {0}, which this version does not have")]
    UnknownDictionary(i64),
    /// Damaged.
    #[error("the stored body is damaged: {0}")]
    Damaged(String),
}

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs headers and body.
pub fn pack(headers: &Headers, body: &[u8]) -> Result<Packed, PackingError> {
    let damaged = |error: &dyn std::fmt::Display| PackingError::Damaged(error.to_string());
    let mut plain = Vec::with_capacity(body.len() + 1_024);
    serde_json::to_writer(&mut plain, headers).map_err(|error| damaged(&error))?;
    plain.push(b'\n');
    plain.extend_from_slice(body);
    let content = COMPRESSOR
        .with_borrow_mut(|slot| {
            if slot.is_none() {
                *slot = Some(Compressor::with_prepared_dictionary(&ENCODER)?);
            }
            match slot {
                Some(compressor) => compressor.compress(&plain),
                None => Err(std::io::Error::other("no compressor")),
            }
        })
        .map_err(|error| damaged(&error))?;
    Ok(Packed {
        dictionary: NEWEST,
        content,
    })
}

/// Unpacks what [`pack`] wrote.
pub fn unpack(dictionary: i64, content: &[u8]) -> Result<Unpacked, PackingError> {
    if dictionary != NEWEST {
        return Err(PackingError::UnknownDictionary(dictionary));
    }
    let damaged = |error: &dyn std::fmt::Display| PackingError::Damaged(error.to_string());
    let capacity = Decompressor::upper_bound(content)
        .unwrap_or(MOST_BYTES)
        .min(MOST_BYTES);
    let mut plain = DECOMPRESSOR
        .with_borrow_mut(|slot| {
            if slot.is_none() {
                *slot = Some(Decompressor::with_prepared_dictionary(&DECODER)?);
            }
            match slot {
                Some(decompressor) => decompressor.decompress(content, capacity),
                None => Err(std::io::Error::other("no decompressor")),
            }
        })
        .map_err(|error| damaged(&error))?;
    let Some(end) = plain.iter().position(|byte| *byte == b'\n') else {
        return Err(PackingError::Damaged("the headers do not end".to_owned()));
    };
    let body = plain.split_off(end + 1);
    plain.pop();
    let headers = serde_json::from_slice(&plain).map_err(|error| damaged(&error))?;
    Ok(Unpacked { headers, body })
}

/// Packs the detail of an event for its row.
pub fn pack_detail(detail: &EventDetail) -> Result<Vec<u8>, PackingError> {
    let plain =
        serde_json::to_vec(detail).map_err(|error| PackingError::Damaged(error.to_string()))?;
    zstd::bulk::compress(&plain, 3).map_err(|error| PackingError::Damaged(error.to_string()))
}

/// Unpacks what [`pack_detail`] wrote.
pub fn unpack_detail(packed: &[u8]) -> Result<EventDetail, PackingError> {
    let damaged = |error: &dyn std::fmt::Display| PackingError::Damaged(error.to_string());
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
            let packed = pack(&headers, body).unwrap();
            let unpacked = unpack(packed.dictionary, &packed.content).unwrap();
            assert_eq!(
                (unpacked.headers, unpacked.body.as_slice()),
                (headers.clone(), body)
            );
        }
    }

    #[test]
    fn damaged_bodies_are_errors() {
        let packed = pack(&Headers::default(), &[b'x'; 5_000]).unwrap();
        assert!(unpack(NEWEST, &packed.content[..packed.content.len() - 3]).is_err());
        assert!(unpack(NEWEST, b"not zstd").is_err());
        assert!(unpack(99, &packed.content).is_err());
    }
}

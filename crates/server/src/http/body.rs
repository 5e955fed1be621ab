//! Reads request bodies: bounded, before and after decompression, and with a deadline.

use super::problem::Problem;
use async_compression::tokio::bufread::{GzipDecoder, ZlibDecoder, ZstdDecoder};
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Instant, timeout_at};

/// Reads a whole body of at most `limit` bytes. More is refused before it is buffered.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    (limit, deadline): (usize, Duration),
) -> Result<Bytes, Problem> {
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Problem::too_large(limit));
    }
    let whole = Limited::new(body, limit).collect();
    match tokio::time::timeout(deadline, whole).await {
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The body did not arrive in time.",
        )),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Problem::too_large(limit))
        }
        Ok(Err(_)) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "broken_body",
            "The body ended early or is not well-formed.",
        )),
    }
}

/// The body did not arrive in time.
#[derive(Debug, thiserror::Error)]
#[error("the body did not arrive in time")]
struct TooSlow;

/// The same body, which breaks off when it has not arrived in time. For whoever reads it later.
pub(super) fn with_deadline(body: Body, deadline: Duration) -> Body {
    let end = Instant::now() + deadline;
    let pieces = Some(body.into_data_stream());
    Body::from_stream(stream::unfold(pieces, move |pieces| async move {
        let mut pieces = pieces?;
        match timeout_at(end, pieces.next()).await {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(pieces))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((Err(axum::Error::new(TooSlow)), None)),
        }
    }))
}

/// Undoes `Content-Encoding`. `None`: there is none.
pub(super) async fn decompress(
    headers: &HeaderMap,
    body: &Bytes,
    limit: usize,
) -> Result<Option<Bytes>, Problem> {
    let Some(encoding) = headers.get(header::CONTENT_ENCODING) else {
        return Ok(None);
    };
    let encoding = encoding.to_str().unwrap_or("?").trim().to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => Ok(None),
        "gzip" | "x-gzip" => expand(GzipDecoder::new(body.as_ref()), limit)
            .await
            .map(Some),
        "deflate" => expand(ZlibDecoder::new(body.as_ref()), limit)
            .await
            .map(Some),
        "zstd" => expand(ZstdDecoder::new(body.as_ref()), limit)
            .await
            .map(Some),
        other => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unknown_encoding",
            format!("Content-Encoding {other:?} is not known; gzip, deflate and zstd are."),
        )),
    }
}

async fn expand(reader: impl AsyncRead + Unpin, limit: usize) -> Result<Bytes, Problem> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::new();
    reader
        .take(most)
        .read_to_end(&mut plain)
        .await
        .map_err(|_| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "broken_encoding",
                "The body is not what its Content-Encoding says.",
            )
        })?;
    if plain.len() > limit {
        Err(Problem::too_large(limit))
    } else {
        Ok(plain.into())
    }
}

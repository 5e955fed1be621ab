//! Asks a text model for vectors, as OpenAI's API speaks: `POST {url}/embeddings` with the model and
//! texts, answered with a list of numbers per text.

use super::outbound::{Answer, Outbound, OutboundError, Request};
use crate::config::EmbeddingsConfig;
use crate::limits::{EMBEDDING_ANSWER_BYTES, EMBEDDING_PAUSE_MS, LONGEST_RETRY_AFTER_MS};
use epicenter_domain::observation::vector::quantise;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

/// Why there are no vectors, in a sentence that shows neither texts nor the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoVectors {
    /// The sentence.
    pub why: String,
    /// How long it should be left alone, in milliseconds.
    pub pause_ms: i64,
    /// Was it the texts themselves that it refused?
    pub is_about_texts: bool,
}

#[derive(Deserialize)]
struct Reply {
    data: Vec<ReplyItem>,
}

#[derive(Deserialize)]
struct ReplyItem {
    index: usize,
    embedding: Vec<f32>,
}

/// The vectors of these texts, in their order.
pub async fn embed(
    outbound: &Outbound,
    config: &EmbeddingsConfig,
    texts: &[String],
) -> Result<Vec<Vec<i8>>, NoVectors> {
    let mut body = json!({"model": config.model, "input": texts, "encoding_format": "float"});
    if config.dimensions > 0
        && let Some(object) = body.as_object_mut()
    {
        object.insert("dimensions".to_owned(), config.dimensions.into());
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let key = config.key.expose();
    if !key.is_empty() {
        let value = HeaderValue::from_str(&format!("Bearer {key}"));
        let mut value = value.map_err(|_| later("The key has letters that no header may have."))?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let request = Request {
        method: Method::POST,
        url: format!("{}/embeddings", config.url.trim_end_matches('/')),
        headers,
        body: body.to_string().into_bytes(),
    };
    let answer = outbound.fetch(request, EMBEDDING_ANSWER_BYTES).await;
    read(&judge(answer)?, config, texts.len())
}

fn later(why: &str) -> NoVectors {
    NoVectors {
        why: why.to_owned(),
        pause_ms: EMBEDDING_PAUSE_MS,
        is_about_texts: false,
    }
}

fn judge(answer: Result<Answer, OutboundError>) -> Result<Answer, NoVectors> {
    let answer =
        answer.map_err(|error| later(&format!("The text model could not be asked: {error}.")))?;
    let status = answer.status;
    let why = match status {
        200..=299 => return Ok(answer),
        401 | 403 => "it does not let us in; check memory.embeddings.key",
        404 => "it knows no such address or model; check memory.embeddings.url and model",
        429 => "it has answered as many questions as it does for now",
        400 | 413 | 422 => "it refused the texts",
        _ => "it has a problem of its own",
    };
    let wanted = answer.headers.get("retry-after");
    let seconds = wanted.and_then(|value| value.to_str().ok()?.trim().parse::<i64>().ok());
    let pause_ms = seconds.map_or(EMBEDDING_PAUSE_MS, |seconds| seconds.saturating_mul(1_000));
    Err(NoVectors {
        why: format!("The text model answered {status}: {why}."),
        pause_ms: pause_ms.clamp(1_000, LONGEST_RETRY_AFTER_MS),
        is_about_texts: matches!(status, 400 | 413 | 422),
    })
}

fn read(
    answer: &Answer,
    config: &EmbeddingsConfig,
    count: usize,
) -> Result<Vec<Vec<i8>>, NoVectors> {
    let reply: Reply = serde_json::from_slice(&answer.body)
        .map_err(|_| later("The text model answered with something else than vectors."))?;
    let mut items = reply.data;
    items.sort_by_key(|item| item.index);
    let is_whole = items.len() == count && (0..).zip(&items).all(|(place, one)| one.index == place);
    if !is_whole {
        return Err(later(
            "The text model did not answer with one vector per text.",
        ));
    }
    let wanted = usize::try_from(config.dimensions).unwrap_or(0);
    let vectors = items.into_iter().map(|item| {
        let fits = wanted == 0 || item.embedding.len() == wanted;
        quantise(&item.embedding).filter(|_| fits)
    });
    vectors
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| later("The text model answered with vectors of another length."))
}

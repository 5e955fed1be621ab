//! Asks a text model for vectors, as `OpenAI`'s API speaks: `POST {url}/embeddings` with the model and
//! texts, answered with a list of numbers per text.

use super::header_number;
use super::outbound::{Answer, Outbound, OutboundError, Request};
use crate::config::EmbeddingsConfig;
use crate::limits::{EMBEDDING_ANSWER_BYTES, EMBEDDING_PAUSE_MS, LONGEST_RETRY_AFTER_MS};
use epicenter_domain::observation::vector::{MOST_DIMENSIONS, quantise};
use epicenter_domain::time::SECOND_MS;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

/// What a failure is about, as far as one answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The model, its address or its limits: other texts would fare the same.
    Model,
    /// The texts, or a key or setting: the question was refused, or a vector is none.
    Question,
    /// The texts, or the model: it has a problem of its own, or its answer cannot be read.
    Either,
}

/// Why there are no vectors, in a sentence that shows neither texts nor the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoVectors {
    /// The sentence.
    pub why: String,
    /// How long it should be left alone, in milliseconds.
    pub pause_ms: i64,
    /// What it is about.
    pub fault: Fault,
}

#[derive(Deserialize)]
struct Reply {
    data: Vec<ReplyItem>,
}

#[derive(Deserialize)]
struct ReplyItem {
    index: usize,
    /// A number that is none comes as null.
    embedding: Vec<Option<f32>>,
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
        fault: Fault::Model,
    }
}

fn odd(why: &str) -> NoVectors {
    NoVectors {
        fault: Fault::Either,
        ..later(why)
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
        400 | 413 | 422 => "it refused the question",
        _ => "it has a problem of its own",
    };
    let seconds = header_number(&answer.headers, "retry-after");
    let pause_ms = seconds.map_or(EMBEDDING_PAUSE_MS, |seconds| {
        seconds.saturating_mul(SECOND_MS)
    });
    Err(NoVectors {
        why: format!("The text model answered {status}: {why}."),
        pause_ms: pause_ms.clamp(SECOND_MS, LONGEST_RETRY_AFTER_MS),
        fault: match status {
            400 | 413 | 422 => Fault::Question,
            500 => Fault::Either,
            _ => Fault::Model,
        },
    })
}

fn read(
    answer: &Answer,
    config: &EmbeddingsConfig,
    count: usize,
) -> Result<Vec<Vec<i8>>, NoVectors> {
    let reply: Reply = serde_json::from_slice(&answer.body)
        .map_err(|_| odd("The text model answered with something else than vectors."))?;
    let mut items = reply.data;
    items.sort_by_key(|item| item.index);
    let is_whole = items.len() == count && (0..).zip(&items).all(|(place, one)| one.index == place);
    if !is_whole {
        return Err(odd(
            "The text model did not answer with one vector per text.",
        ));
    }
    let wanted = usize::try_from(config.dimensions).unwrap_or(0);
    let fits = |item: &ReplyItem| {
        let length = item.embedding.len();
        length <= MOST_DIMENSIONS && (wanted == 0 || length == wanted)
    };
    if !items.iter().all(fits) {
        return Err(later(
            "The text model answered with vectors of another length; check \
             memory.embeddings.dimensions.",
        ));
    }
    let vector = |item: ReplyItem| {
        let numbers: Option<Vec<f32>> = item.embedding.into_iter().collect();
        quantise(&numbers?)
    };
    let vectors: Option<Vec<Vec<i8>>> = items.into_iter().map(vector).collect();
    vectors.ok_or_else(|| NoVectors {
        fault: Fault::Question,
        ..later("The text model answered with a vector that has no direction.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn fault_of(vector: &str, dimensions: u32) -> Option<Fault> {
        let config = EmbeddingsConfig {
            dimensions,
            ..EmbeddingsConfig::default()
        };
        let body = format!("{{\"data\": [{{\"index\": 0, \"embedding\": {vector}}}]}}");
        let read = read(&answered(200, &body), &config, 1);
        read.err().map(|failure| failure.fault)
    }

    #[test]
    fn a_vector_of_another_length_is_the_models_fault() {
        let long = format!("{:?}", vec![1.0; MOST_DIMENSIONS + 1]);
        for (vector, dimensions, fault) in [
            ("[0.6, 0.8]", 0, None),
            ("[0.6, 0.8]", 2, None),
            ("[0.6, 0.8]", 3, Some(Fault::Model)),
            ("[]", 3, Some(Fault::Model)),
            (long.as_str(), 0, Some(Fault::Model)),
            ("null", 0, Some(Fault::Either)),
            ("[NaN]", 0, Some(Fault::Either)),
            (
                "[1]}, {\"index\": 1, \"embedding\": [1]",
                0,
                Some(Fault::Either),
            ),
            ("[]", 0, Some(Fault::Question)),
            ("[0.0, 0.0]", 2, Some(Fault::Question)),
            ("[null, 1.0]", 2, Some(Fault::Question)),
        ] {
            assert_eq!(fault_of(vector, dimensions), fault, "{vector:.20}");
        }
    }

    #[test]
    fn what_is_refused_may_be_the_texts() {
        let fault = |status| judge(Ok(answered(status, ""))).unwrap_err().fault;
        for status in [400, 413, 422] {
            assert_eq!(fault(status), Fault::Question, "{status}");
        }
        assert_eq!(fault(500), Fault::Either);
        for status in [301, 401, 403, 404, 429, 502, 503] {
            assert_eq!(fault(status), Fault::Model, "{status}");
        }
    }
}

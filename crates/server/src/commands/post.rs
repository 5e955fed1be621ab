//! One webhook, from this process to a door: what `replay` and `demo` share.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, StatusCode, Url};
use std::time::{Duration, Instant};

/// Of an answer this much is read, to find the delivery's id.
const LONGEST_ANSWER: usize = 64 * 1024;

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) took: Duration,
    /// `delivery_id` of the answer, if it has one.
    pub(super) delivery: Option<String>,
}

/// Sends these bytes with these headers.
pub(super) async fn post(
    client: &Client,
    url: &Url,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Answer, reqwest::Error> {
    let started = Instant::now();
    let request = client.post(url.clone()).headers(map(headers)).body(body);
    let mut response = request.send().await?;
    let took = started.elapsed();
    let delivery = delivery(&mut response).await;
    Ok(Answer {
        status: response.status(),
        took,
        delivery,
    })
}

/// Headers that HTTP cannot carry are left out.
fn map(headers: &[(String, String)]) -> HeaderMap {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value).ok()?))
        })
        .collect()
}

async fn delivery(response: &mut Response) -> Option<String> {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LONGEST_ANSWER {
            return None;
        }
    }
    let answer: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    Some(answer.get("delivery_id")?.as_str()?.to_owned())
}

//! This server's own door, called from inside: as Sentry calls it, over TCP and HTTP.

use super::{Way, http_client};
use epicenter_domain::proof::hmac_sha256;
use reqwest::StatusCode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where a listener of this machine is reached from this machine.
pub fn local(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, listen.port())
}

/// Sends a signed webhook to the push URL with this key; the error is a sentence.
pub async fn send(
    listen: SocketAddr,
    key: &str,
    (secret, resource): (&str, &str),
    body: String,
) -> Result<(), String> {
    let client = http_client(Way::Direct).map_err(|error| format!("No client: {error}."))?;
    let signature = hex::encode(hmac_sha256(secret.as_bytes(), body.as_bytes()));
    let answer = client
        .post(format!("http://{}/hooks/{key}", local(listen)))
        .header("content-type", "application/json")
        .header("sentry-hook-resource", resource)
        .header("sentry-hook-signature", signature)
        .body(body)
        .send()
        .await
        .map_err(|error| format!("The door did not answer: {}.", error.without_url()))?;
    if answer.status() == StatusCode::ACCEPTED {
        return Ok(());
    }
    Err(format!("The door answered {}.", answer.status()))
}

/// Does a server answer at this address? The error is a sentence.
pub async fn is_alive(base: &str) -> Result<(), String> {
    let url = format!("{}/healthz", base.trim_end_matches('/'));
    let url = reqwest::Url::parse(&url).map_err(|error| format!("{url} is no URL: {error}."))?;
    let client = http_client(Way::to(&url)).map_err(|error| format!("No client: {error}."))?;
    let answer = client.get(url).send().await;
    let answer = answer.map_err(|error| format!("It does not answer: {}.", error.without_url()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("It answers {status} to /healthz."));
    }
    match answer.text().await.as_deref().map(str::trim) {
        Ok("ok") => Ok(()),
        _ => Err("Something answers there, and it is not Epicenter.".to_owned()),
    }
}

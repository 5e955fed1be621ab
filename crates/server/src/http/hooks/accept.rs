//! What every door does: read the body, prove the sender over the raw bytes, scrub, store.

use crate::app::App;
use crate::http::body;
use crate::http::problem::Problem;
use crate::inbox::NotStored;
use crate::limits::WEBHOOK_BODY_BYTES;
use crate::registry::Entry;
use axum::body::Body;
use axum::http::HeaderMap;
use bytes::Bytes;
use epicenter_domain::delivery::Headers;
use epicenter_domain::proof::{Demand, Proof, Refusal, prove};
use epicenter_domain::scrub::{scrub, scrub_headers};
use epicenter_domain::sources::{IntegrationKind, incident_event};
use epicenter_store::health::counts;
use epicenter_store::inbox::NewDelivery;
use epicenter_store::packing;

/// A request whose body is here.
pub(super) struct Arrived {
    /// Its headers.
    pub(super) headers: Headers,
    raw: Bytes,
    plain: Option<Bytes>,
}

impl Arrived {
    /// Reads a request, within the limits.
    pub(super) async fn read(
        app: &App,
        header_map: &HeaderMap,
        body: Body,
    ) -> Result<Self, Problem> {
        let most = (WEBHOOK_BODY_BYTES, app.config.deadlines.body);
        let raw = body::read(header_map, body, most).await?;
        let plain = body::decompress(header_map, &raw, WEBHOOK_BODY_BYTES).await?;
        Ok(Self {
            headers: headers_of(header_map),
            raw,
            plain,
        })
    }

    /// The body without its encoding.
    pub(super) fn bytes(&self) -> &Bytes {
        self.plain.as_ref().unwrap_or(&self.raw)
    }
}

/// Proves the sender; a refused request is counted and answered 401.
pub(super) async fn prove_sender(
    app: &App,
    entry: &Entry,
    arrived: &Arrived,
) -> Result<Proof, Problem> {
    match proof_of(app, entry, arrived) {
        Ok(proof) => Ok(proof),
        Err(refusal) => Err(refuse(app, entry, &arrived.headers, arrived.bytes(), refusal).await),
    }
}

/// Stores a proven request; returns its id when it is durable.
pub(super) async fn keep(
    app: &App,
    entry: &Entry,
    (headers, bytes): (&Headers, &Bytes),
    proof: Proof,
) -> Result<i64, Problem> {
    let stored = store(app, entry, headers, bytes, Ok(proof)).await;
    let id = stored.inspect_err(|_| {
        app.tally
            .note(&entry.origin, counts::NOT_STORED, app.clock.now());
    })?;
    app.metrics.received(bytes.len());
    app.training.count(bytes.len());
    if let Some(secret_id) = proof.secret_id {
        app.matched.note(secret_id, app.clock.now());
    }
    Ok(id)
}

/// The signature is over the bytes as sent; some proxies compress them on the way.
fn proof_of(app: &App, entry: &Entry, arrived: &Arrived) -> Result<Proof, Refusal> {
    let now = app.clock.now();
    let demand = Demand {
        kind: entry.kind,
        secrets: &entry.secrets,
        unsigned_allowed: entry.is_unsigned,
    };
    let over = |bytes: &Bytes| prove(demand, &arrived.headers, bytes, now);
    let plain = arrived.plain.as_ref();
    over(&arrived.raw).or_else(|refusal| plain.map_or(Err(refusal), over))
}

/// Counts a refused request, keeps a limited number for the diagnosis, and says what to do.
async fn refuse(
    app: &App,
    entry: &Entry,
    headers: &Headers,
    bytes: &Bytes,
    refusal: Refusal,
) -> Problem {
    app.metrics.refused(refusal.code());
    app.tally
        .note(&entry.origin, counts::REFUSED, app.clock.now());
    let integration_id = entry.origin.integration_id;
    tracing::warn!(
        integration.id = integration_id,
        code = refusal.code(),
        "[webhooks/sentry] refused a request for integration {}: {}",
        entry.origin.name,
        refusal.message()
    );
    let now = app.clock.now();
    if app
        .refused
        .keep(integration_id, headers, bytes, refusal, now)
    {
        match store(app, entry, headers, bytes, Err(refusal)).await {
            // No worker looks at it again, so the open pages hear of it now.
            Ok(_) => app.live.publish(Vec::new(), []),
            Err(problem) => tracing::warn!(
                code = problem.code,
                "a refused request could not be recorded"
            ),
        }
    }
    Problem::unauthorized(refusal.code(), refusal.message())
}

/// Scrubs, packs and stores; returns when the request is durable.
async fn store(
    app: &App,
    entry: &Entry,
    headers: &Headers,
    bytes: &Bytes,
    proof: Result<Proof, Refusal>,
) -> Result<i64, Problem> {
    let now = app.clock.now();
    let id = app.ids.next(now);
    let scrubbed = scrub(bytes, &app.scrub_rules);
    let dictionary = app.dictionaries.newest();
    let packed =
        packing::pack(&dictionary, &scrub_headers(headers), &scrubbed).map_err(|error| {
            tracing::error!(%error, "[webhooks/sentry] a body could not be packed: {error}");
            Problem::unavailable(
                "not_stored",
                "The webhook could not be stored; send it again.",
                5,
            )
        })?;
    let delivery = NewDelivery {
        id,
        workspace_id: entry.origin.workspace_id,
        integration_id: entry.origin.integration_id,
        received_at: now,
        resource: resource_hint(entry.kind, headers),
        refusal: proof.as_ref().err().map(|refusal| refusal.message()),
        scheme: proof.as_ref().map_or("none", |proof| proof.scheme.as_str()),
        secret_id: proof.ok().and_then(|proof| proof.secret_id),
        size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        packed,
        replay_of: None,
    };
    let stored = app.inbox.store(delivery).await;
    stored
        .map(|()| id)
        .map_err(|reason| not_stored(app, reason))
}

/// What the header calls it, cut to a word; the parser has the last say.
fn resource_hint(kind: IntegrationKind, headers: &Headers) -> String {
    let name = match kind {
        IntegrationKind::Sentry | IntegrationKind::Own => "sentry-hook-resource",
        IntegrationKind::Github => "x-github-event",
        IntegrationKind::Gitlab => "x-gitlab-event",
        IntegrationKind::Vercel => "x-vercel-event",
        IntegrationKind::Events => return incident_event::RESOURCE.to_owned(),
        IntegrationKind::Pagerduty => return "event".to_owned(),
    };
    let hint = headers.get(name).unwrap_or_default();
    hint.chars()
        .filter(char::is_ascii_graphic)
        .take(40)
        .collect()
}

fn not_stored(app: &App, reason: NotStored) -> Problem {
    app.metrics.not_stored();
    match reason {
        NotStored::DiskFull => Problem::unavailable(
            "disk_full",
            "There is no room to store the webhook. Nothing stored is harmed; free some space.",
            30,
        ),
        NotStored::Unavailable => Problem::unavailable(
            "database_unavailable",
            "The database cannot be reached; send the webhook again.",
            5,
        ),
        NotStored::Stopping => Problem::unavailable(
            "stopping",
            "The server is restarting; send the webhook again.",
            2,
        ),
    }
}

/// Header values as text; bytes that are none become `\u{fffd}`.
pub(super) fn headers_of(map: &HeaderMap) -> Headers {
    Headers::new(map.iter().map(|(name, value)| {
        (
            name.as_str(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    }))
}

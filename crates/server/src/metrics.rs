//! Counters for Prometheus.

use crate::clients::outbound::OutboundCounter;
use epicenter_domain::engine::VerdictOutcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The outcome of something, as a label.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// An answer of the API for sentry-cli, as labels.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ApiAnswer {
    route: String,
    status: u16,
}

/// All counters. Cheap to share.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    received: Counter,
    received_bytes: Counter,
    refused: Family<Outcome, Counter>,
    not_stored: Counter,
    decided: Family<Outcome, Counter>,
    answer_seconds: Histogram,
    pending: Gauge,
    left_aside: Gauge,
    memory_queue: Gauge,
    embeddings_pending: Gauge,
    streams: Gauge,
    sentry_api: Family<ApiAnswer, Counter>,
    outbound: OutboundCounter,
    write_backs: Family<Outcome, Counter>,
    write_backs_waiting: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("epicenter");
        let metrics = Self::unregistered();
        registry.register(
            "deliveries_received",
            "Webhooks stored durably",
            metrics.received.clone(),
        );
        registry.register_with_unit(
            "deliveries_received",
            "Bodies of stored webhooks",
            Unit::Bytes,
            metrics.received_bytes.clone(),
        );
        registry.register(
            "deliveries_refused",
            "Requests whose sender was not proven, by reason",
            metrics.refused.clone(),
        );
        registry.register(
            "deliveries_not_stored",
            "Proven webhooks answered 503 because they could not be stored",
            metrics.not_stored.clone(),
        );
        registry.register(
            "deliveries_decided",
            "Deliveries with a verdict, by outcome",
            metrics.decided.clone(),
        );
        registry.register_with_unit(
            "webhook_answer",
            "Time from the request's head to the answer",
            Unit::Seconds,
            metrics.answer_seconds.clone(),
        );
        registry.register(
            "deliveries_pending",
            "Deliveries that wait for their verdict",
            metrics.pending.clone(),
        );
        registry.register(
            "memory_left_aside",
            "What could not be remembered and waits for the next start",
            metrics.left_aside.clone(),
        );
        registry.register(
            "memory_queue",
            "Transitions that wait to be put into words",
            metrics.memory_queue.clone(),
        );
        registry.register(
            "memory_embeddings_pending",
            "Records that the text model was not asked about yet",
            metrics.embeddings_pending.clone(),
        );
        metrics.register_doors(&mut registry);
        Self {
            registry,
            ..metrics
        }
    }
}

impl Metrics {
    /// The counts of the doors, inward and outward.
    fn register_doors(&self, registry: &mut Registry) {
        registry.register("streams", "Open live streams", self.streams.clone());
        registry.register(
            "sentry_api_requests",
            "Requests of sentry-cli, by route and status",
            self.sentry_api.clone(),
        );
        registry.register(
            "outbound_requests",
            "Requests to destinations, by outcome",
            self.outbound.clone(),
        );
        registry.register(
            "write_backs",
            "What was done here and Sentry was asked to do as well, by outcome of the attempt",
            self.write_backs.clone(),
        );
        registry.register(
            "write_backs_waiting",
            "What was done here and Sentry is still to be told",
            self.write_backs_waiting.clone(),
        );
    }

    /// All at zero, and in no registry yet.
    fn unregistered() -> Self {
        Self {
            received: Counter::default(),
            received_bytes: Counter::default(),
            refused: Family::default(),
            not_stored: Counter::default(),
            decided: Family::default(),
            answer_seconds: Histogram::new(exponential_buckets(0.000_5, 2.0, 14)),
            pending: Gauge::default(),
            left_aside: Gauge::default(),
            memory_queue: Gauge::default(),
            embeddings_pending: Gauge::default(),
            streams: Gauge::default(),
            sentry_api: Family::default(),
            outbound: OutboundCounter::default(),
            write_backs: Family::default(),
            write_backs_waiting: Gauge::default(),
            registry: Registry::default(),
        }
    }

    /// A webhook is durable.
    pub fn received(&self, bytes: usize) {
        self.received.inc();
        self.received_bytes
            .inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// So much is still to be told.
    pub fn write_backs_waiting(&self, count: i64) {
        self.write_backs_waiting.set(count);
    }

    /// Sentry was told what was done here, with this outcome.
    pub fn told_sentry(&self, outcome: &'static str) {
        self.write_backs.get_or_create(&Outcome { outcome }).inc();
    }

    /// A request was not proven.
    pub fn refused(&self, code: &'static str) {
        self.refused.get_or_create(&Outcome { outcome: code }).inc();
    }

    /// A request was for no integration.
    pub fn unknown_integration(&self) {
        self.refused("unknown_integration");
    }

    /// A proven webhook could not be stored.
    pub fn not_stored(&self) {
        self.not_stored.inc();
    }

    /// A delivery has its verdict.
    pub fn decided(&self, outcome: VerdictOutcome) {
        self.decided
            .get_or_create(&Outcome {
                outcome: outcome.as_str(),
            })
            .inc();
    }

    /// A webhook was answered after so many seconds.
    pub fn answered(&self, seconds: f64) {
        self.answer_seconds.observe(seconds);
    }

    /// So many deliveries wait.
    pub fn pending(&self, count: i64) {
        self.pending.set(count);
    }

    /// So many notes of the memory are left aside.
    pub fn left_aside(&self, count: i64) {
        self.left_aside.set(count);
    }

    /// So many transitions wait to be remembered.
    pub fn memory_queue(&self, count: i64) {
        self.memory_queue.set(count);
    }

    /// So many records wait for the text model.
    pub fn embeddings_pending(&self, count: i64) {
        self.embeddings_pending.set(count);
    }

    /// A live stream opened (1) or closed (-1).
    pub fn stream(&self, change: i64) {
        self.streams.inc_by(change);
    }

    /// A request of sentry-cli was answered; `route` is the pattern of its path.
    pub fn sentry_api_answered(&self, route: &str, status: u16) {
        let labels = ApiAnswer {
            route: route.to_owned(),
            status,
        };
        self.sentry_api.get_or_create(&labels).inc();
    }

    /// Where requests to destinations are counted.
    pub fn outbound(&self) -> OutboundCounter {
        self.outbound.clone()
    }

    /// Prometheus's text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(error) => format!("# {error}\n"),
        }
    }
}

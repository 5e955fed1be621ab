//! A Sentry that does not exist: builds, byte for byte, what the real one would send. The demo, the
//! test buttons of an integration and the measurements use it; nothing here talks to the network.

pub mod bench;
pub mod catalogue;
pub mod company;
pub mod issue;
pub mod moment;
pub mod payloads;
pub mod random;
pub mod scenario;
pub mod sentry;
pub mod webhook;

pub use bench::bench_bodies;
pub use catalogue::{Kind, build, catalogue};
pub use webhook::{Origin, Webhook};

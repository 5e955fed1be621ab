//! The shell around the domain: HTTP, workers, commands. The binary is `epicenter`.

pub mod http;

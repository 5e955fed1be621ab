//! Requests one after the other, as a person or a program makes them.

use crate::fill::COOKIE;
use crate::program::TOKEN;
use epicenter_bench::Failure;
use epicenter_bench::latency::{Summary, Times};
use epicenter_bench::server::Server;
use epicenter_bench::wire::Wire;
use serde_json::Value;
use std::time::Instant;

/// Requests that do not count, and those that do.
const WARM: usize = 5;
pub(crate) const COUNTED: usize = 200;

/// One connection, with both ways to prove who asks.
#[derive(Debug)]
pub(crate) struct Asker(Wire);

impl Asker {
    /// Connects.
    pub(crate) fn new(server: &Server) -> Result<Self, Failure> {
        Ok(Self(Wire::open(server.address)?))
    }

    /// How long this path takes.
    pub(crate) fn time(&mut self, path: &str) -> Result<Summary, Failure> {
        let mut times = Times::with_capacity(COUNTED);
        for count in 0..WARM + COUNTED {
            let started = Instant::now();
            self.get(path)?;
            if count >= WARM {
                times.add(started.elapsed());
            }
        }
        Ok(times.summary())
    }

    /// What the API answers.
    pub(crate) fn read(&mut self, path: &str) -> Result<Value, Failure> {
        Ok(serde_json::from_slice(&self.get(path)?)?)
    }

    fn get(&mut self, path: &str) -> Result<Vec<u8>, Failure> {
        let who = if path.starts_with("/api/") {
            format!("authorization: Bearer {TOKEN}")
        } else {
            format!("cookie: epicenter_session={COOKIE}")
        };
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{who}\r\n\r\n");
        let answer = self.0.exchange(request.as_bytes())?;
        if answer.status != 200 {
            return Err(format!("{path} was answered with {}", answer.status).into());
        }
        Ok(answer.body)
    }
}

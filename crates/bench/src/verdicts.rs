//! How far a server is with what it accepted, by its counters.

use crate::Failure;
use crate::server::Server;
use crate::wire::get;
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait until everything is applied.
const PATIENCE: Duration = Duration::from_mins(10);
/// Nothing decided for so long: it will not come.
const STUCK: Duration = Duration::from_secs(30);

/// Waits until everything that was received has its verdict; answers how much was left. A server
/// without counters has nothing left.
pub fn drain(server: &Server) -> Result<u64, Failure> {
    let Some(metrics) = server.metrics else {
        return Ok(0);
    };
    let start = Instant::now();
    let mut first = None;
    let mut last = (Instant::now(), 0);
    while start.elapsed() < PATIENCE {
        let answer = get(metrics, "/metrics", "")?;
        let text = String::from_utf8_lossy(&answer.body);
        let received = counter(&text, "epicenter_deliveries_received_total");
        let decided = counter(&text, "epicenter_deliveries_decided_total");
        let left = received.saturating_sub(decided);
        let at_first = *first.get_or_insert(left);
        if left == 0 {
            return Ok(at_first);
        }
        if decided != last.1 {
            last = (Instant::now(), decided);
        } else if last.0.elapsed() > STUCK {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(server.complaint("does not apply what it accepted").into())
}

/// Sum of a counter over its labels.
fn counter(text: &str, name: &str) -> u64 {
    text.lines()
        .filter_map(|line| line.strip_prefix(name))
        .filter(|rest| rest.starts_with([' ', '{']))
        .filter_map(|rest| rest.rsplit(' ').next()?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_summed_over_its_labels() {
        let text = "# TYPE a counter\na_total{outcome=\"x\"} 3\na_total{outcome=\"y\"} 4\n\
            a_total_other 9\n";
        assert_eq!(counter(text, "a_total"), 7);
        assert_eq!(counter("a_total 12\n", "a_total"), 12);
    }
}

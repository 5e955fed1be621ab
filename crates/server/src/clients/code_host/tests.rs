//! What the answers of code hosts mean. Whole conversations are journeys.

use super::answer::{judge, rest};
use super::{HostFault, Provider, part};
use crate::clients::outbound::{Answer, OutboundError};
use epicenter_domain::time::Time;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// 2026-03-02 10:00:00 UTC.
const NOW: Time = Time(1_772_445_600_000);

fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    headers
}

fn fault(status: u16, all: &[(&'static str, &'static str)]) -> HostFault {
    let answer = Answer {
        status,
        headers: headers(all),
        body: b"inner matters".to_vec(),
    };
    judge("GitHub", Ok(answer), NOW).unwrap_err()
}

#[test]
fn each_status_code_has_one_meaning() {
    for status in [301, 302, 400, 401, 403, 410, 422] {
        let fault = fault(status, &[]);
        assert!(matches!(fault, HostFault::Never(_)), "{status} {fault:?}");
    }
    for status in [404, 408, 425, 500, 502, 503] {
        let fault = fault(status, &[]);
        let is_later = matches!(fault, HostFault::Later { is_rate: false, .. });
        assert!(is_later, "{status} {fault:?}");
    }
}

#[test]
fn a_limit_says_until_when() {
    let spent = ("x-ratelimit-remaining", "0");
    let reset = ("x-ratelimit-reset", "1772445660");
    let cases: [(u16, &[_], Option<i64>); 6] = [
        (403, &[spent, reset], Some(60_000)),
        (403, &[("retry-after", "30")], Some(30_000)),
        (429, &[("retry-after", "30"), reset], Some(30_000)),
        (429, &[("ratelimit-reset", "1772445605")], Some(5_000)),
        (429, &[("retry-after", "9999999")], Some(86_400_000)),
        (429, &[], None),
    ];
    for (status, all, wait) in cases {
        let HostFault::Later {
            not_before,
            is_rate: true,
            ..
        } = fault(status, all)
        else {
            panic!("{status} {all:?} is a limit");
        };
        assert_eq!(not_before.map(|at| at.since_ms(NOW)), wait, "{all:?}");
    }
}

#[test]
fn the_last_answer_of_an_hour_asks_for_a_rest() {
    let reset = ("x-ratelimit-reset", "1772445660");
    let spent = headers(&[("x-ratelimit-remaining", "0"), reset]);
    assert_eq!(rest(&spent), Some(NOW.plus_ms(60_000)));
    assert_eq!(
        rest(&headers(&[("x-ratelimit-remaining", "1"), reset])),
        None
    );
    let gitlab = headers(&[
        ("ratelimit-remaining", "0"),
        ("ratelimit-reset", "1772445660"),
    ]);
    assert_eq!(rest(&gitlab), Some(NOW.plus_ms(60_000)));
    assert_eq!(rest(&HeaderMap::new()), None);
}

#[test]
fn what_does_not_reach_the_host_is_tried_again_or_not() {
    let slow = OutboundError::TimedOut("api.github.com".to_owned());
    let fault = judge("GitHub", Err(slow), NOW).unwrap_err();
    assert!(matches!(fault, HostFault::Later { .. }), "{fault:?}");
    let wrong = OutboundError::Url("this is no URL".to_owned());
    let fault = judge("GitHub", Err(wrong), NOW).unwrap_err();
    assert!(matches!(fault, HostFault::Never(_)), "{fault:?}");
}

#[test]
fn the_api_of_a_host_is_where_it_usually_is() {
    for (provider, host, api) in [
        (Provider::GitHub, "github.com", "https://api.github.com"),
        (
            Provider::GitHub,
            "git.acme.example",
            "https://git.acme.example/api/v3",
        ),
        (Provider::GitLab, "gitlab.com", "https://gitlab.com/api/v4"),
    ] {
        assert_eq!(provider.usual_api(host), api);
    }
    assert_eq!(part("group/sub name"), "group%2Fsub%20name");
    assert_eq!(part("v1.2-rc_1~x"), "v1.2-rc_1~x");
}

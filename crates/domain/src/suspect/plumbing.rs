//! Functions that report, check or allocate for others: the top of many stacks, the fault of few.

use super::words;

/// Parts of names of such functions. Sorted.
const PARTS: [&str; 28] = [
    "abort",
    "alloc",
    "assert",
    "backtrace",
    "calloc",
    "check",
    "debug",
    "die",
    "ensure",
    "fail",
    "fatal",
    "free",
    "log",
    "malloc",
    "memcpy",
    "memset",
    "panic",
    "qcalloc",
    "qfree",
    "raise",
    "realloc",
    "require",
    "strdup",
    "throw",
    "validate",
    "verify",
    "xmalloc",
    "xzalloc",
];
/// Parts that say it together with `handler`.
const SIGNALS: [&str; 5] = ["core", "crash", "sig", "sigsegv", "signal"];

/// Is it one of them, by the first or last part of its name?
pub(super) fn is_plumbing(function: &str) -> bool {
    let parts: Vec<String> = function
        .split(|letter: char| !letter.is_alphanumeric())
        .flat_map(words::words)
        .collect();
    let first = parts.first().map(String::as_str).unwrap_or_default();
    let is_part = |word: &str| PARTS.binary_search(&word).is_ok();
    let handles = parts.iter().any(|part| part == "handler");
    is_part(first)
        || (handles && SIGNALS.contains(&first))
        || (parts.len() <= 3 && parts.last().is_some_and(|last| is_part(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reports_checks_or_allocates_is_known_by_name() {
        assert!(PARTS.is_sorted());
        for yes in [
            "core_handler",
            "qcalloc",
            "xmalloc",
            "verifyValueBounds",
            "ovs_assert",
            "abort",
        ] {
            assert!(is_plumbing(yes), "{yes}");
        }
        for no in [
            "bgp_create",
            "parse",
            "toLocale",
            "handler",
            "checkoutCart2Cash",
        ] {
            assert!(!is_plumbing(no), "{no}");
        }
    }
}

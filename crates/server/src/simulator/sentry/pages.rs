//! Pages as Sentry makes them: the value of the next entry, how many entries of that value were
//! there already, and which way.

use super::model::FakeIssue;
use axum::http::{HeaderMap, HeaderValue};
use epicenter_domain::time::Time;

/// A cursor: value, offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    value: i64,
    offset: usize,
}

impl Cursor {
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let value = parts.next()?.parse().ok()?;
        let offset = parts.next()?.parse().ok()?;
        Some(Self { value, offset })
    }

    fn write(self) -> String {
        format!("{}:{}:0", self.value, self.offset)
    }
}

/// The page at a cursor of issues that are sorted by when they were last seen, and where the next
/// one begins.
pub(super) fn page(
    sorted: &[FakeIssue],
    cursor: Option<Cursor>,
    limit: usize,
) -> (Vec<FakeIssue>, Option<Cursor>) {
    let value = |issue: &FakeIssue| {
        let Time(at) = issue.last_seen_at;
        at
    };
    let mut rest: Vec<&FakeIssue> = sorted.iter().collect();
    if let Some(cursor) = cursor {
        rest.retain(|issue| value(issue) <= cursor.value);
        let same = rest.iter().filter(|issue| value(issue) == cursor.value);
        let skipped = cursor.offset.min(same.count());
        rest.drain(..skipped);
    }
    let shown: Vec<FakeIssue> = rest.iter().take(limit).map(|one| (*one).clone()).collect();
    let next = rest.get(limit).map(|first| {
        let at = value(first);
        let before = shown.iter().filter(|issue| value(issue) == at).count();
        // Entries of the same value may have been on the pages before, too.
        let earlier = cursor
            .filter(|cursor| cursor.value == at)
            .map_or(0, |cursor| cursor.offset);
        Cursor {
            value: at,
            offset: before + earlier,
        }
    });
    (shown, next)
}

/// The `Link` header of a page.
pub(super) fn link(headers: &mut HeaderMap, url: &str, next: Option<&str>) {
    let (cursor, results) = match next {
        Some(cursor) => (cursor, "true"),
        None => ("0:100:0", "false"),
    };
    let text = format!(
        "<{url}&cursor=0:0:1>; rel=\"previous\"; results=\"false\"; cursor=\"0:0:1\", \
         <{url}&cursor={cursor}>; rel=\"next\"; results=\"{results}\"; cursor=\"{cursor}\""
    );
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert("Link", value);
    }
}

/// Where a page goes on, as the header has it.
pub(super) fn written(next: Option<Cursor>) -> Option<String> {
    next.map(Cursor::write)
}

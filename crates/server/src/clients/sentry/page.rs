//! Pages: where the next one begins. Only the cursor of a `Link` is taken, never its address: that
//! would let an answer send us, with the token, to another host.

use super::error::Odd;
use crate::limits::sentry::SENTRY_CURSOR_BYTES;
use epicenter_domain::sources::sentry::api::Listed;
use reqwest::header::{HeaderMap, LINK};

/// What follows a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// Another page, at this cursor.
    Next(String),
    /// Nothing.
    End,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// Entries that could not.
    pub unreadable: usize,
    /// What follows.
    pub position: Position,
    /// How many there are on all pages, when the host says so.
    pub total: Option<i64>,
}

impl<T> Page<T> {
    /// `cursor`: where this page began. One that leads to itself is an error.
    pub(super) fn new(
        listed: Listed<T>,
        headers: &HeaderMap,
        cursor: Option<&str>,
    ) -> Result<Self, Odd> {
        let position = position(headers);
        if let Position::Next(next) = &position
            && Some(next.as_str()) == cursor
        {
            return Err(Odd::Loop);
        }
        let total = headers
            .get("x-hits")
            .and_then(|hits| hits.to_str().ok()?.trim().parse().ok());
        Ok(Self {
            items: listed.items,
            unreadable: listed.unreadable,
            position,
            total,
        })
    }
}

/// What the `Link` headers say of the next page; without one, or with one that cannot be used,
/// there is none.
pub(super) fn position(headers: &HeaderMap) -> Position {
    let links = headers.get_all(LINK).iter();
    links
        .filter_map(|link| link.to_str().ok())
        .flat_map(|link| link.split(",<").flat_map(|one| one.split(", <")))
        .find_map(next)
        .map_or(Position::End, Position::Next)
}

/// The cursor of one link, if it is the next page and has results.
fn next(link: &str) -> Option<String> {
    let (_, parameters) = link.split_once('>')?;
    let value = |name: &str| {
        parameters.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name).then(|| value.trim().trim_matches('"'))
        })
    };
    let is_next = value("rel") == Some("next") && value("results") != Some("false");
    let cursor = value("cursor").filter(|_| is_next)?;
    let is_plain = cursor.bytes().all(|byte| byte.is_ascii_graphic());
    let fits = !cursor.is_empty() && cursor.len() <= SENTRY_CURSOR_BYTES;
    (is_plain && fits).then(|| cursor.to_owned())
}

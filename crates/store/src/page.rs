//! Pages of lists by keyset: the cursor says after which row the next page begins.

use crate::StoreError;

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Cuts `rows`, of which one more than `limit` was asked for, to a page; `place` is the sort
    /// value and id of a row.
    pub(crate) fn cut(rows: Vec<T>, limit: i64, place: impl Fn(&T) -> (i64, i64)) -> Self {
        Self::cut_window(rows, limit, place, None)
    }

    /// The same for rows out of a window that ends at `edge`: when they do not fill the page, the
    /// next one begins there. Such a page may be short, or even empty, and still have a next one.
    pub(crate) fn cut_window(
        mut rows: Vec<T>,
        limit: i64,
        place: impl Fn(&T) -> (i64, i64),
        edge: Option<(i64, i64)>,
    ) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let end = match rows.last() {
            Some(row) if has_more => Some(place(row)),
            _ => edge,
        };
        Self {
            items: rows,
            next_cursor: end.map(|(value, id)| format!("{value:x}-{id:x}")),
        }
    }

    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// Most rows on one page.
const MOST_ROWS: i64 = 100;

/// A page has 1 to 100 rows, whatever is asked for.
pub(crate) fn clamped(limit: i64) -> i64 {
    limit.clamp(1, MOST_ROWS)
}

/// Sort value and id in a cursor.
pub(crate) fn place(cursor: Option<&str>) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    // Written as two's complement: instants before 1970 are negative.
    let parse = |text: &str| {
        let bits = u64::from_str_radix(text, 16).map_err(|_| StoreError::Cursor)?;
        Ok::<_, StoreError>(bits.cast_signed())
    };
    let (value, id) = cursor.split_once('-').ok_or(StoreError::Cursor)?;
    Ok(Some((parse(value)?, parse(id)?)))
}

/// A text to compare with. No column holds NUL, and PostgreSQL refuses to even look for it.
pub(crate) fn comparable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A pattern for `lower(x) LIKE lower($1) ESCAPE '!'` that finds `text` anywhere.
pub(crate) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.trim().chars().take(200) {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        if letter != '\0' {
            pattern.push(letter);
        }
    }
    pattern.push('%');
    pattern
}

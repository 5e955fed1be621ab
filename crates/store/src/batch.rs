//! Statements over sets. Their lengths are powers of two, so that few texts exist and each stays
//! prepared.

use std::iter;

/// Most rows in one statement: 64 rows of 33 columns stay far under every engine's limit of
/// parameters (SQLite 32,766, PostgreSQL 65,535).
const MOST_ROWS: usize = 64;

/// Cuts rows into pieces whose lengths are powers of two, largest first.
pub(crate) fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = (1 << rest.len().ilog2()).min(MOST_ROWS);
        let (piece, after) = rest.split_at(length);
        rest = after;
        Some(piece)
    })
}

/// Cuts rows into pieces as long as a statement may be. One statement less is one turn less of the
/// database's thread; but every length is a text of its own, so this is for what is stored most.
pub(crate) fn longest_pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    rows.chunks(MOST_ROWS)
}

/// Fills a list of keys up to a power of two by repeating its last one, for `IN (…)`.
pub(crate) fn padded<T: Clone>(keys: &[T]) -> Vec<T> {
    let mut keys = keys.to_vec();
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_all_rows_in_order_with_few_lengths() {
        for count in 0..500_usize {
            let rows: Vec<usize> = (0..count).collect();
            let all: Vec<usize> = pieces(&rows).flatten().copied().collect();
            assert_eq!(all, rows);
            assert!(pieces(&rows).all(|piece| piece.len().is_power_of_two()));
        }
    }
}

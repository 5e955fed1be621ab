//! The full-text index, which the two databases spell differently. Both are given words that were
//! split before, so that both find the same.

use crate::batch::pieces;
use crate::{StoreError, Tx};
use epicenter_domain::observation::Observation;
use epicenter_domain::observation::search::{Query, index_text};
use sqlx::QueryBuilder;

/// How a database writes and asks for words.
pub(super) struct Spelling {
    /// Before and after the words of a new row.
    value: (&'static str, &'static str),
    /// Before and after a search.
    pub(super) matches: (&'static str, &'static str),
    quote: char,
    and: &'static str,
    or: &'static str,
    /// Behind a word that may be the beginning of a longer one.
    open: &'static str,
    /// Takes a row (id, words) away.
    forget: &'static str,
}

const SQLITE: Spelling = Spelling {
    value: ("", ""),
    matches: ("observation_words MATCH ", ""),
    quote: '"',
    and: " AND ",
    or: " OR ",
    open: "*",
    forget: "INSERT INTO observation_words (observation_words, rowid, words) \
             VALUES ('delete', $1, $2)",
};

const POSTGRES: Spelling = Spelling {
    value: ("array_to_tsvector(string_to_array(", ", ' '))"),
    matches: ("words @@ CAST(", " AS tsquery)"),
    quote: '\'',
    and: " & ",
    or: " | ",
    open: ":*",
    forget: "DELETE FROM observation_words WHERE rowid = $1 AND CAST($2 AS TEXT) IS NOT NULL",
};

impl Spelling {
    pub(super) fn of(tx: &Tx) -> &'static Self {
        if matches!(tx, Tx::Postgres(_)) {
            &POSTGRES
        } else {
            &SQLITE
        }
    }

    /// A search for all words of a query.
    pub(super) fn all(&self, query: &Query) -> String {
        let words = query.words().iter();
        let words = words.map(|word| self.word(word, query.is_open(word)));
        words.collect::<Vec<_>>().join(self.and)
    }

    /// A search for any of these words.
    pub(super) fn any(&self, words: &[&str]) -> String {
        let words = words.iter().map(|word| self.word(word, false));
        words.collect::<Vec<_>>().join(self.or)
    }

    /// A word has letters and digits only, so nothing in it can end the quotation.
    fn word(&self, word: &str, is_open: bool) -> String {
        let word: String = word
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        let open = if is_open { self.open } else { "" };
        format!("{0}{word}{0}{open}", self.quote)
    }
}

/// Adds records to the index.
pub(super) async fn save(tx: &mut Tx, observations: &[Observation]) -> Result<(), StoreError> {
    let rows: Vec<(i64, String)> = observations
        .iter()
        .map(|one| (one.id, index_text(one)))
        .collect();
    let (before, after) = Spelling::of(tx).value;
    for piece in pieces(&rows) {
        on_engine!(tx, |conn, Engine| {
            let mut query =
                QueryBuilder::<Engine>::new("INSERT INTO observation_words (rowid, words) ");
            query.push_values(piece, |mut row, (id, words)| {
                row.push_bind(*id)
                    .push(before)
                    .push_bind_unseparated(words.as_str())
                    .push_unseparated(after);
            });
            query.build().execute(conn).await?;
        });
    }
    Ok(())
}

/// Takes a record out of the index. SQLite keeps no copy of the words and is told them again.
pub(super) async fn forget(tx: &mut Tx, observation: &Observation) -> Result<(), StoreError> {
    let statement = Spelling::of(tx).forget;
    on_engine!(tx, |conn| {
        sqlx::query(statement)
            .bind(observation.id)
            .bind(index_text(observation))
            .execute(conn)
            .await?;
    });
    Ok(())
}

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

/// Words that one beginning may stand for in SQLite, the first by the alphabet; more say that it is
/// too short.
const LONGER_WORDS: i64 = 64;

/// Words that begin with another one. SQLite would gather every record of all of them before it
/// answers with the newest; so it hops from word to word, and then walks the records of each.
const LONGER: &str = "WITH RECURSIVE hops (term) AS (\
     SELECT (SELECT term FROM observation_words_terms WHERE term >= $1 AND term < $2 LIMIT 1) \
     UNION ALL SELECT (SELECT term FROM observation_words_terms \
     WHERE term >= hops.term || ' ' AND term < $2 LIMIT 1) FROM hops \
     WHERE hops.term IS NOT NULL) \
     SELECT term FROM hops WHERE term IS NOT NULL LIMIT $3";

impl Spelling {
    pub(super) fn of(tx: &Tx) -> &'static Self {
        if matches!(tx, Tx::Postgres(_)) {
            &POSTGRES
        } else {
            &SQLITE
        }
    }

    /// A search for all words of a query.
    pub(super) async fn all(tx: &mut Tx, query: &Query) -> Result<String, StoreError> {
        let mut words = Vec::new();
        for word in query.words() {
            words.push(Self::one(tx, word, query.is_open(word)).await?);
        }
        Ok(words.join(Self::of(tx).and))
    }

    async fn one(tx: &mut Tx, word: &str, is_open: bool) -> Result<String, StoreError> {
        let spelling = Self::of(tx);
        let Tx::Sqlite(conn) = tx else {
            return Ok(spelling.word(word, is_open));
        };
        if !is_open {
            return Ok(spelling.word(word, false));
        }
        let longer: Vec<String> = sqlx::query_scalar(LONGER)
            .bind(word)
            // Behind every letter.
            .bind(format!("{word}{}", char::MAX))
            .bind(LONGER_WORDS)
            .fetch_all(&mut **conn)
            .await?;
        if longer.is_empty() {
            return Ok(spelling.word(word, false));
        }
        let longer: Vec<&str> = longer.iter().map(String::as_str).collect();
        Ok(format!("({})", spelling.any(&longer)))
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

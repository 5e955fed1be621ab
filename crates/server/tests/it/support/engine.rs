//! An empty database of one's own, gone when it is dropped.

use epicenter_store::testing::TestDatabase;
use std::path::Path;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// A database for one test.
pub(crate) struct OwnDatabase(TestDatabase, Engine);

impl OwnDatabase {
    /// `None`: there is no such engine here.
    pub(crate) async fn new(engine: Engine) -> Option<Self> {
        let database = match engine {
            Engine::Sqlite => Some(TestDatabase::sqlite().await.unwrap()),
            Engine::Postgres => TestDatabase::postgres().await.unwrap(),
        };
        database.map(|database| Self(database, engine))
    }

    pub(crate) fn engine(&self) -> Engine {
        self.1
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    /// The folder of a SQLite file.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.0.folder()
    }
}

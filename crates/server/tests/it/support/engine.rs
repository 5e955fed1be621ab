//! An empty database of one's own.

use tempfile::TempDir;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// It is gone when this is dropped.
pub(crate) struct OwnDatabase {
    url: String,
    folder: TempDir,
}

impl OwnDatabase {
    pub(crate) async fn new(_engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("epicenter.db").display());
        Self { url, folder }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn remove(self) {
        self.folder.close().unwrap();
    }
}

//! Looking at a database without changing it.

use epicenter_store::Database;
use epicenter_store::look::sqlite_file;
use epicenter_store::testing::TestDatabase;
use std::path::Path;

async fn forget_one_step(database: &Database) {
    let statement = "DELETE FROM _sqlx_migrations WHERE version = 1";
    match database {
        Database::Sqlite { writer, .. } => {
            sqlx::query(statement).execute(writer).await.unwrap();
        }
        Database::Postgres(pool) => {
            sqlx::query(statement).execute(pool).await.unwrap();
        }
    }
}

async fn a_look_tells_how_far_the_tables_are(test: Option<TestDatabase>) {
    let Some(test) = test else { return };
    let database = test.open().await.unwrap();
    assert_eq!(database.steps_behind().await.unwrap(), 0);
    forget_one_step(&database).await;
    database.close().await;
    // Opening would bring it up to date.
    let looked = Database::look(test.url()).await.unwrap();
    assert_eq!(looked.steps_behind().await.unwrap(), 1);
    looked.close().await;
}

#[tokio::test]
async fn a_look_tells_how_far_the_tables_are_sqlite() {
    a_look_tells_how_far_the_tables_are(Some(TestDatabase::sqlite().await.unwrap())).await;
}

#[tokio::test]
async fn a_look_tells_how_far_the_tables_are_postgres() {
    a_look_tells_how_far_the_tables_are(TestDatabase::postgres().await.unwrap()).await;
}

#[tokio::test]
async fn an_empty_file_has_everything_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.db");
    std::fs::write(&file, b"").unwrap();
    let url = format!("sqlite://{}", file.display());
    let looked = Database::look(&url).await.unwrap();
    assert!(looked.steps_behind().await.unwrap() >= 14);
    looked.close().await;
}

#[test]
fn a_sqlite_url_names_its_file() {
    for (url, file) in [
        ("sqlite://epicenter.db", Some("epicenter.db")),
        ("sqlite:///var/lib/e.db?mode=rw", Some("/var/lib/e.db")),
        ("sqlite:e.db", Some("e.db")),
        ("postgres://localhost/e", None),
    ] {
        assert_eq!(sqlite_file(url).as_deref(), file.map(Path::new), "{url}");
    }
}

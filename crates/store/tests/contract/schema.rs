//! Both databases have the same tables.

use epicenter_store::Database;
use epicenter_store::testing::TestDatabase;

type Column = (String, String, bool);

async fn columns(database: &Database) -> Vec<Column> {
    let mut columns: Vec<Column> = match database {
        Database::Sqlite { readers, .. } => sqlx::query_as(
            "SELECT t.name, c.name, c.\"notnull\" = 0 AND c.pk = 0 FROM sqlite_schema t \
             JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'",
        )
        .fetch_all(readers)
        .await
        .unwrap(),
        Database::Postgres(pool) => sqlx::query_as(
            "SELECT table_name::text, column_name::text, is_nullable = 'YES' \
             FROM information_schema.columns WHERE table_schema = 'public'",
        )
        .fetch_all(pool)
        .await
        .unwrap(),
    };
    // The index of words is each database's own.
    columns.retain(|(table, ..)| {
        table != "_sqlx_migrations" && !table.starts_with("observation_words")
    });
    columns.sort();
    columns
}

async fn indexes(database: &Database) -> Vec<(String, String)> {
    let mut indexes: Vec<(String, String)> = match database {
        Database::Sqlite { readers, .. } => sqlx::query_as(
            "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL",
        )
        .fetch_all(readers)
        .await
        .unwrap(),
        Database::Postgres(pool) => sqlx::query_as(
            "SELECT tablename::text, indexname::text FROM pg_indexes WHERE schemaname = 'public' \
             AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'",
        )
        .fetch_all(pool)
        .await
        .unwrap(),
    };
    indexes.retain(|(table, _)| !table.starts_with("observation_words"));
    indexes.sort();
    indexes
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let sqlite_test = TestDatabase::sqlite().await.unwrap();
    let sqlite = sqlite_test.open().await.unwrap();
    assert!(columns(&sqlite).await.len() > 100);
    let Some(postgres_test) = TestDatabase::postgres().await.unwrap() else {
        return;
    };
    let postgres = postgres_test.open().await.unwrap();
    assert_eq!(columns(&sqlite).await, columns(&postgres).await);
    assert_eq!(indexes(&sqlite).await, indexes(&postgres).await);
    postgres.close().await;
    sqlite.close().await;
}

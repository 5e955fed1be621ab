//! The tables themselves.

use crate::support::store_contract;
use epicenter_store::Database;

store_contract!(a_database_that_opened_can_store);

async fn a_database_that_opened_can_store(database: &Database) {
    database.ping().await.unwrap();
    database.ping().await.unwrap();
    database.migrate().await.unwrap();
}

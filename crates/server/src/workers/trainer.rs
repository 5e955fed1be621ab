//! Keeps the dictionary that bodies are packed with up to date.

use crate::app::App;
use crate::operations::train_dictionary;
use epicenter_store::StoreError;
use std::sync::Arc;

pub(super) async fn run_once(app: Arc<App>) -> Result<(), StoreError> {
    train_dictionary::train_if_due(&app).await.map(|_| ())
}

//! The OpenAPI document, written down so that a change of the API is seen in review.

use std::path::Path;

/// `UPDATE_DOCS=1 cargo test` writes it anew.
#[test]
fn the_document_is_the_one_in_docs() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document = epicenter::http::api::openapi();
    let text = format!("{}\n", document.to_pretty_json().unwrap());
    #[expect(
        clippy::disallowed_methods,
        reason = "how a developer asks a test to write"
    )]
    if std::env::var("UPDATE_DOCS").is_ok() {
        std::fs::write(&file, &text).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == text,
        "docs/openapi.json is out of date: run with UPDATE_DOCS=1"
    );
}

//! Trains the dictionary for stored bodies from the parser's fixtures:
//! `cargo run -p epicenter-store --example train_dictionary`.
//!
//! A dictionary that was ever released must stay as it is: bodies that were packed with it need
//! it. A better one gets the next number in `packing.rs`.

use std::error::Error;
use std::path::Path;

/// Larger ones pack no better with so few samples.
const DICTIONARY_BYTES: usize = 16 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = here.join("../domain/src/sources/sentry/fixtures");
    let mut samples = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(fixtures)?
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .map(std::fs::DirEntry::path)
        .collect();
    files.sort();
    for file in files {
        let fixture: serde_json::Value = serde_json::from_slice(&std::fs::read(file)?)?;
        let headers: Vec<(&String, &serde_json::Value)> = fixture
            .get("headers")
            .and_then(|headers| headers.as_object())
            .into_iter()
            .flatten()
            .collect();
        let mut sample = serde_json::to_vec(&headers)?;
        sample.push(b'\n');
        match fixture.get("raw").and_then(|raw| raw.as_str()) {
            Some(raw) => sample.extend_from_slice(raw.as_bytes()),
            None => serde_json::to_writer(&mut sample, &fixture.get("body"))?,
        }
        samples.push(sample);
    }
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    std::fs::write(here.join("src/packing/sentry-1.dict"), dictionary)?;
    Ok(())
}

//! zstd at levels 1 and 3, with and without a dictionary.

use epicenter_bench::Failure;
use epicenter_bench::bodies::{event_id, templates};
use epicenter_bench::cpu::Watch;
use serde_json::Value;
use std::path::Path;
use zstd::bulk::{Compressor, Decompressor};

const ROUNDS: usize = 20;

/// Prints a line for each combination.
pub(crate) fn measure(samples: &Path) -> Result<(), Failure> {
    let (training, held_out) = read(samples)?;
    let mut generated = Vec::new();
    for (count, template) in (0..).zip(&templates(200)) {
        let mut body = Vec::new();
        template.write(&event_id(1, count), &mut body);
        generated.push(body);
    }
    println!(
        "{} bodies to train on, {} held out",
        training.len(),
        held_out.len()
    );
    println!("| bodies | dictionary | level | pack µs | unpack µs | bytes | ratio |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    let small = zstd::dict::from_samples(&training, 4 << 10)?;
    let middle = zstd::dict::from_samples(&training, 16 << 10)?;
    let large = zstd::dict::from_samples(&training, 32 << 10)?;
    let own = zstd::dict::from_samples(&generated, 32 << 10)?;
    let mut mixed = training;
    mixed.extend(generated.iter().take(100).cloned());
    let mixed = zstd::dict::from_samples(&mixed, 32 << 10)?;
    let dictionaries = [
        ("none", Vec::new()),
        ("4 KB, samples", small),
        ("16 KB, samples", middle),
        ("32 KB, samples", large),
        ("32 KB, samples and generated", mixed),
        ("32 KB, generated", own),
    ];
    for (name, bodies) in [("held-out samples", &held_out), ("generated", &generated)] {
        for (dictionary, bytes) in &dictionaries {
            for level in [1, 3] {
                let line = pack(bodies, bytes, level)?;
                println!(
                    "| {name} | {dictionary} ({}) | {level} | {line} |",
                    bytes.len()
                );
            }
        }
    }
    Ok(())
}

type Bodies = Vec<Vec<u8>>;

/// Event alerts of the samples are held out; the rest trains.
fn read(samples: &Path) -> Result<(Bodies, Bodies), Failure> {
    let mut training = Vec::new();
    let mut held_out = Vec::new();
    for entry in std::fs::read_dir(samples)? {
        let path = entry?.path();
        let sample: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let body = match (
            sample.get("raw").and_then(Value::as_str),
            sample.get("body"),
        ) {
            (Some(raw), _) => raw.as_bytes().to_vec(),
            (None, Some(body)) => serde_json::to_vec(body)?,
            (None, None) => continue,
        };
        let name = path.to_string_lossy();
        let is_alert = name.contains("event_alert") && body.len() > 3_000;
        if is_alert {
            &mut held_out
        } else {
            &mut training
        }
        .push(body);
    }
    Ok((training, held_out))
}

fn pack(bodies: &[Vec<u8>], dictionary: &[u8], level: i32) -> Result<String, Failure> {
    let mut compressor = Compressor::with_dictionary(level, dictionary)?;
    let mut decompressor = Decompressor::with_dictionary(dictionary)?;
    let packed: Vec<Vec<u8>> = bodies
        .iter()
        .map(|body| compressor.compress(body))
        .collect::<Result<_, _>>()?;
    let rounds = ROUNDS * 200 / bodies.len().max(1);
    let count = rounds * bodies.len();
    let watch = Watch::start();
    for _ in 0..rounds {
        for body in bodies {
            std::hint::black_box(compressor.compress(body)?);
        }
    }
    let (pack, _) = watch.per(count);
    let watch = Watch::start();
    for _ in 0..rounds {
        for (body, packed) in bodies.iter().zip(&packed) {
            std::hint::black_box(decompressor.decompress(packed, body.len())?);
        }
    }
    let (unpack, _) = watch.per(count);
    let plain: usize = bodies.iter().map(Vec::len).sum();
    let bytes: usize = packed.iter().map(Vec::len).sum();
    let ratio = f64::from(u32::try_from(plain)?) / f64::from(u32::try_from(bytes)?);
    Ok(format!(
        "{pack:.1} | {unpack:.1} | {} | {ratio:.1}",
        bytes / bodies.len().max(1)
    ))
}

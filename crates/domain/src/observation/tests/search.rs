//! What a search finds, in which order, and what it marks.

use super::*;

fn record(title: &str, body: &str) -> Observation {
    let mut world = World::new();
    let mut record = world
        .receive(envelope(&named("issue-created")), false)
        .remove(0);
    title.clone_into(&mut record.title);
    body.clone_into(&mut record.body);
    record
}

#[test]
fn a_title_counts_more_than_a_body_and_words_together_more_than_apart() {
    let query = Query::parse("  Disk FULL, disk ").unwrap();
    assert_eq!(query.words(), ["disk", "full"]);
    let order = [
        record("The disk full alarm", "x"),
        record("The full disk", "x"),
        record("An alarm", "the disk full of logs"),
        record("An alarm", "full of logs, on a disk"),
    ];
    let scores: Vec<i64> = order.iter().map(|one| score(&query, one, NOW)).collect();
    assert!(
        scores.is_sorted_by(|left, right| left > right),
        "{scores:?}"
    );
    assert_eq!(Query::parse(" -- !"), None);
}

#[test]
fn words_of_the_search_are_marked_and_nothing_is_lost() {
    let query = Query::parse("disk <b>").unwrap();
    let text = "Two Disks & a <b>disk</b>";
    let pieces = highlight(Some(&query), text);
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    assert_eq!(whole, text);
    let hits: Vec<&str> = pieces
        .iter()
        .filter(|piece| piece.is_hit)
        .map(|piece| piece.text.as_str())
        .collect();
    assert_eq!(hits, ["Disks", "b", "disk", "b"]);
    let long = format!("{} the disk {}", "word ".repeat(100), "tail ".repeat(100));
    let shown = excerpt(Some(&query), &long);
    assert!(
        shown.starts_with('…') && shown.ends_with('…') && shown.contains("disk"),
        "{shown}"
    );
    assert!(shown.chars().count() < 260);
    assert_eq!(excerpt(None, "**Release**: `1`\n\nx"), "Release: 1 x");
}

#[test]
fn a_record_is_found_by_the_words_of_title_body_and_references() {
    let mut one = record("Über-Fehler in checkout", "amount 12");
    one.references.truncate(1);
    let text = index_text(&one);
    for word in ["über", "fehler", "checkout", "amount", "12", "storefront"] {
        assert!(text.split(' ').any(|found| found == word), "{word}: {text}");
    }
    let many: Vec<String> = (0..2_000).map(|number| format!("w{number}")).collect();
    one.body = many.join(" ");
    assert!(index_text(&one).split(' ').count() <= crate::limits::MEMORY_WORDS);
}

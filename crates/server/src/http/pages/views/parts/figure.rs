//! Numbers as people read them.

/// `1,234,567`.
pub fn grouped(number: &i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if *number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `987`, `1.2k`, `34k`, `5.6M`.
pub fn compact(number: &i64) -> String {
    let (unit, letter) = match number.unsigned_abs() {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (1_000, "k"),
        1_000_000..1_000_000_000 => (1_000_000, "M"),
        _ => (1_000_000_000, "G"),
    };
    scaled(*number, unit, letter)
}

/// `812 B`, `12.3 KB`, `4 MB`.
pub fn bytes(size: &i64) -> String {
    let (unit, name) = match size.unsigned_abs() {
        0..1_000 => return format!("{size} B"),
        1_000..1_000_000 => (1_000, " KB"),
        1_000_000..1_000_000_000 => (1_000_000, " MB"),
        _ => (1_000_000_000, " GB"),
    };
    scaled(*size, unit, name)
}

/// `4 ms`, `1.2 s`, `3 min`.
pub fn duration_ms(ms: &i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => scaled(*ms, 1_000, " s"),
        60_000..3_600_000 => format!("{} min", ms / 60_000),
        _ => scaled(*ms, 3_600_000, " h"),
    }
}

/// One digit after the point below ten, none above.
fn scaled(number: i64, unit: i64, name: &str) -> String {
    let tenths = number / (unit / 10);
    let (whole, tenth) = (tenths / 10, (tenths % 10).abs());
    if whole.abs() >= 10 || tenth == 0 {
        format!("{whole}{name}")
    } else {
        format!("{whole}.{tenth}{name}")
    }
}

/// `1 event`, `2 events`, `1,200 events`.
pub fn plural(number: &i64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if *number == 1 { one } else { many }
    )
}

/// The one or two letters that stand for a person or team.
pub fn initials(name: &str) -> String {
    let mut words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first
        .into_iter()
        .chain(last)
        .flat_map(char::to_uppercase)
        .take(2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact() {
        for (number, long, short) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1k"),
            (1_250, "1,250", "1.2k"),
            (34_567, "34,567", "34k"),
            (5_600_000, "5,600,000", "5.6M"),
            (-1_250, "-1,250", "-1.2k"),
            (7_000_000_000, "7,000,000,000", "7G"),
        ] {
            assert_eq!(grouped(&number), long);
            assert_eq!(compact(&number), short);
        }
        assert_eq!(grouped(&i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!(bytes(&12_345), "12 KB");
        assert_eq!(bytes(&1_500), "1.5 KB");
        assert_eq!(duration_ms(&4), "4 ms");
        assert_eq!(duration_ms(&1_240), "1.2 s");
        assert_eq!(plural(&1, "event", "events"), "1 event");
    }

    #[test]
    fn initials_are_at_most_two_letters() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Jean-Luc de la Tour", "JT"),
            ("", ""),
            ("<script>", "S"),
            ("ßeta", "SS"),
        ] {
            assert_eq!(initials(name), expected);
        }
    }
}

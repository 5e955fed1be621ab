//! The line of the file at which something stands: `services[2].name` → 14.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of a path, from 1; of the nearest thing around it that is written there.
pub(super) fn line_of(text: &str, path: &str) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut byte = None;
    let mut table: Option<&DeTable<'_>> = Some(document.get_ref());
    let mut value: Option<&Spanned<DeValue<'_>>> = None;
    for part in path
        .split(['.', '['])
        .map(|part| part.trim_end_matches(']'))
    {
        let next = match (table, value.map(Spanned::get_ref)) {
            (Some(table), _) | (None, Some(DeValue::Table(table))) => table.get(part),
            (None, Some(DeValue::Array(array))) => {
                let index = part.parse::<usize>().ok();
                index.and_then(|index| array.get(index))
            }
            (None, _) => None,
        };
        let Some(next) = next else { break };
        byte = Some(next.span().start);
        (table, value) = (None, Some(next));
    }
    let before = text.get(..byte?)?;
    Some(before.matches('\n').count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_line() {
        let text = "version = 1\n\n[[services]]\nslug = \"a\"\n\n[[services]]\nslug = \"b\"\n\
                    projects = [\n  \"x\",\n  \"y\",\n]\n\n[routes]\n[[routes.rules]]\nname = \"r\"\n\
                    when = \"x\"\n";
        for (path, line) in [
            ("version", Some(1)),
            ("services[1].slug", Some(7)),
            ("services[1].projects[1]", Some(10)),
            ("services[1].team", Some(6)),
            ("routes.rules[0].when", Some(16)),
            ("nothing", None),
        ] {
            assert_eq!(line_of(text, path), line, "{path}");
        }
    }
}

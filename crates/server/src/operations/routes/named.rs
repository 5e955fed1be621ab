//! Rules as people read them: services and destinations by name, as text, and what differs between
//! two texts.

use epicenter_domain::id::IdKind;
use epicenter_domain::routing::book::Book;
use epicenter_store::notices::destinations;
use epicenter_store::{StoreError, Tx, services};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeMap;

/// Names of services and destinations of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Names {
    services: BTreeMap<String, String>,
    slugs: BTreeMap<String, String>,
    destinations: BTreeMap<String, String>,
    service_ids: BTreeMap<String, String>,
    destination_ids: BTreeMap<String, String>,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    /// `+` came, `-` went, a space stayed.
    pub sign: char,
    /// The line.
    pub text: String,
}

impl Names {
    /// Loads them.
    pub async fn load(tx: &mut Tx, workspace_id: i64) -> Result<Self, StoreError> {
        let mut names = Self::default();
        for service in services::list(tx, workspace_id).await? {
            let id = IdKind::Service.show(service.id);
            names.slugs.insert(id.clone(), service.slug.clone());
            for name in [service.slug, service.name.clone()] {
                names.service_ids.insert(name, id.clone());
            }
            names.services.insert(id, service.name);
        }
        // A name that two destinations have means neither.
        let mut count: BTreeMap<String, usize> = BTreeMap::new();
        let all = destinations::list(tx, workspace_id).await?;
        for one in &all {
            *count.entry(one.name.clone()).or_insert(0) += 1;
        }
        for one in all
            .into_iter()
            .filter(|one| count.get(&one.name) == Some(&1))
        {
            let id = IdKind::Destination.show(one.id);
            names.destination_ids.insert(one.name.clone(), id.clone());
            names.destinations.insert(id, one.name);
        }
        Ok(names)
    }

    /// The book with names in place of ids, as far as they are known.
    pub fn to_names(&self, book: &Book) -> Book {
        book.renamed(&|id| known(&self.services, id), &|id| {
            known(&self.destinations, id)
        })
    }

    /// The same with slugs of services, which never change.
    pub fn to_slugs(&self, book: &Book) -> Book {
        book.renamed(&|id| known(&self.slugs, id), &|id| {
            known(&self.destinations, id)
        })
    }

    /// The book with ids in place of names and slugs. What is unknown stays, to be refused.
    pub fn to_ids(&self, book: &Book) -> Book {
        book.renamed(&|name| known(&self.service_ids, name), &|name| {
            known(&self.destination_ids, name)
        })
    }

    /// Services with their ids, by name.
    pub fn services(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut all: Vec<_> = self.services.iter().collect();
        all.sort_by_key(|(_, name)| name.to_lowercase());
        all.into_iter()
            .map(|(id, name)| (id.as_str(), name.as_str()))
    }
}

fn known(names: &BTreeMap<String, String>, name: &str) -> String {
    names.get(name).map_or(name, String::as_str).to_owned()
}

/// Rules as text, the same that the configuration file holds.
pub fn text(book: &Book) -> String {
    // A book holds nothing that the format cannot say.
    toml::to_string_pretty(book).unwrap_or_default()
}

/// What differs between two books, line by line; lines that stay only near a difference.
pub fn diff(old: &Book, new: &Book) -> Vec<DiffLine> {
    let (old, new) = (text(old), text(new));
    let diff = TextDiff::from_lines(&old, &new);
    let mut lines = Vec::new();
    for (index, group) in diff.grouped_ops(CONTEXT_LINES).iter().enumerate() {
        if index > 0 {
            lines.push(DiffLine {
                sign: ' ',
                text: "…".to_owned(),
            });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            lines.push(DiffLine {
                sign: match change.tag() {
                    ChangeTag::Insert => '+',
                    ChangeTag::Delete => '-',
                    ChangeTag::Equal => ' ',
                },
                text: change.value().trim_end_matches('\n').to_owned(),
            });
        }
    }
    lines
}

/// Lines shown around a difference.
const CONTEXT_LINES: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use epicenter_domain::routing::book::Rule;

    fn book(when: &str) -> Book {
        let rule = |name: &str, when: &str| Rule {
            name: name.to_owned(),
            when: when.to_owned(),
            ..Rule::default()
        };
        Book {
            rules: vec![rule("a", "users > 5"), rule("b", when)],
            ..Book::default()
        }
    }

    #[test]
    fn a_changed_condition_is_one_line_out_and_one_in() {
        let lines = diff(&book("level == 'fatal'"), &book("level == 'error'"));
        let changed: Vec<(char, &str)> = (lines.iter())
            .filter(|line| line.sign != ' ')
            .map(|line| (line.sign, line.text.as_str()))
            .collect();
        assert_eq!(
            changed,
            [
                ('-', "when = \"level == 'fatal'\""),
                ('+', "when = \"level == 'error'\"")
            ]
        );
        assert!(diff(&book("x"), &book("x")).is_empty());
    }
}

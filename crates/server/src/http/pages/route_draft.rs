//! A draft of the rules, and how the buttons of the page change it. Places: `d0` is a drop rule,
//! `1.0` the first rule under the second.

use epicenter_domain::routing::book::{Book, Drop, Rule};
use epicenter_domain::sources::Fault;

/// One rule of either sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Either {
    Drop(Drop),
    Rule(Rule),
}

/// Where a rule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Drop(usize),
    Rule(Vec<usize>),
}

/// What a button does with a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    Up,
    Down,
    /// Under the rule above it.
    In,
    /// Behind the rule it stands under.
    Out,
    Remove,
}

impl Place {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(index) = text.strip_prefix('d') {
            return index.parse().ok().map(Self::Drop);
        }
        let path: Option<Vec<usize>> = text.split('.').map(|part| part.parse().ok()).collect();
        path.map(Self::Rule)
    }

    pub(super) fn show(&self) -> String {
        match self {
            Self::Drop(index) => format!("d{index}"),
            Self::Rule(path) => {
                let parts: Vec<String> = path.iter().map(ToString::to_string).collect();
                parts.join(".")
            }
        }
    }

    /// What is wrong with what stands here, not with what stands under it.
    pub(super) fn own_faults(&self, faults: &[Fault]) -> Vec<String> {
        let place = match self {
            Self::Drop(index) => format!("drops[{index}]."),
            Self::Rule(path) => {
                let parts: Vec<String> =
                    (path.iter().map(|one| format!("rules[{one}]."))).collect();
                parts.concat()
            }
        };
        let own = faults.iter().filter(|fault| {
            let rest = fault.field.strip_prefix(&place);
            rest.is_some_and(|rest| !rest.starts_with("rules["))
        });
        own.map(|fault| fault.message.clone()).collect()
    }
}

impl Move {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "up" => Self::Up,
            "down" => Self::Down,
            "in" => Self::In,
            "out" => Self::Out,
            "remove" => Self::Remove,
            _ => return None,
        })
    }
}

/// The siblings of the rule at a path, and its place among them.
fn siblings<'a>(rules: &'a mut Vec<Rule>, path: &[usize]) -> Option<(&'a mut Vec<Rule>, usize)> {
    let (last, parents) = path.split_last()?;
    let mut rules = rules;
    for index in parents {
        rules = &mut rules.get_mut(*index)?.rules;
    }
    (*last < rules.len()).then_some((rules, *last))
}

/// The rule at a place.
pub(super) fn find(book: &Book, place: &Place) -> Option<Either> {
    match place {
        Place::Drop(index) => book.drops.get(*index).cloned().map(Either::Drop),
        Place::Rule(path) => {
            let (first, rest) = path.split_first()?;
            let mut rule = book.rules.get(*first)?;
            for index in rest {
                rule = rule.rules.get(*index)?;
            }
            Some(Either::Rule(rule.clone()))
        }
    }
}

/// Moves a rule. What cannot be done changes nothing.
pub(super) fn apply(book: &mut Book, place: &Place, what: Move) {
    match place {
        Place::Drop(index) => shift(&mut book.drops, *index, what),
        Place::Rule(path) => match what {
            Move::Up | Move::Down | Move::Remove => {
                if let Some((rules, index)) = siblings(&mut book.rules, path) {
                    shift(rules, index, what);
                }
            }
            Move::In => {
                if let Some((rules, index)) = siblings(&mut book.rules, path)
                    && index > 0
                {
                    let rule = rules.remove(index);
                    if let Some(above) = rules.get_mut(index - 1) {
                        above.rules.push(rule);
                    }
                }
            }
            Move::Out => out(book, path),
        },
    }
}

fn out(book: &mut Book, path: &[usize]) {
    let Some((_, parent)) = path.split_last().filter(|(_, parent)| !parent.is_empty()) else {
        return;
    };
    let taken = siblings(&mut book.rules, path).map(|(rules, index)| rules.remove(index));
    if let (Some(rule), Some((rules, index))) = (taken, siblings(&mut book.rules, parent)) {
        rules.insert(index + 1, rule);
    }
}

fn shift<T>(rules: &mut Vec<T>, index: usize, what: Move) {
    if index >= rules.len() {
        return;
    }
    match what {
        Move::Up if index > 0 => rules.swap(index, index - 1),
        Move::Down if index + 1 < rules.len() => rules.swap(index, index + 1),
        Move::Remove => {
            rules.remove(index);
        }
        Move::Up | Move::Down | Move::In | Move::Out => {}
    }
}

/// Puts a rule in place of the one there, keeping what stands under it; no place: at the end.
pub(super) fn put(book: &mut Book, place: Option<&Place>, new: Either) {
    match (place, new) {
        (Some(Place::Drop(index)), Either::Drop(new)) => {
            if let Some(old) = book.drops.get_mut(*index) {
                *old = new;
            }
        }
        (Some(Place::Rule(path)), Either::Rule(new)) => {
            if let Some((rules, index)) = siblings(&mut book.rules, path)
                && let Some(old) = rules.get_mut(index)
            {
                let under = std::mem::take(&mut old.rules);
                *old = Rule {
                    rules: under,
                    ..new
                };
            }
        }
        (_, Either::Drop(new)) => book.drops.push(new),
        (_, Either::Rule(new)) => book.rules.push(new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, rules: Vec<Rule>) -> Rule {
        Rule {
            name: name.to_owned(),
            rules,
            ..Rule::default()
        }
    }

    /// `a(b c) d`
    fn book() -> Book {
        let under = vec![rule("b", Vec::new()), rule("c", Vec::new())];
        Book {
            rules: vec![rule("a", under), rule("d", Vec::new())],
            ..Book::default()
        }
    }

    fn shown(rules: &[Rule]) -> String {
        let one = |rule: &Rule| match rule.rules.as_slice() {
            [] => rule.name.clone(),
            under => format!("{}({})", rule.name, shown(under)),
        };
        rules.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn buttons_move_rules() {
        for (place, what, expected) in [
            ("1", Move::Up, "d a(b c)"),
            ("0", Move::Down, "d a(b c)"),
            ("0", Move::Up, "a(b c) d"),
            ("1", Move::Down, "a(b c) d"),
            ("1", Move::In, "a(b c d)"),
            ("0", Move::In, "a(b c) d"),
            ("0.1", Move::In, "a(b(c)) d"),
            ("0.0", Move::Out, "a(c) b d"),
            ("0", Move::Out, "a(b c) d"),
            ("0.1", Move::Remove, "a(b) d"),
            ("0.7", Move::Remove, "a(b c) d"),
            ("9.7", Move::Up, "a(b c) d"),
        ] {
            let mut book = book();
            let place = Place::parse(place).unwrap();
            apply(&mut book, &place, what);
            assert_eq!(shown(&book.rules), expected, "{place:?} {what:?}");
        }
    }

    #[test]
    fn a_changed_rule_keeps_what_stands_under_it() {
        let mut book = book();
        let place = Place::parse("0").unwrap();
        put(
            &mut book,
            Some(&place),
            Either::Rule(rule("new", Vec::new())),
        );
        put(&mut book, None, Either::Rule(rule("last", Vec::new())));
        assert_eq!(shown(&book.rules), "new(b c) d last");
        assert_eq!(place.show(), "0");
        assert_eq!(Place::parse("d3"), Some(Place::Drop(3)));
        assert_eq!(Place::parse("x"), None);
        assert!(matches!(
            find(&book, &Place::Rule(vec![0, 1])),
            Some(Either::Rule(found)) if found.name == "c"
        ));
    }
}

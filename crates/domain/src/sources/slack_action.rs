//! What people ask for in Slack: a pressed button, a slash command. Who they are in Epicenter, and
//! whether they may, is decided elsewhere.

use crate::id::IdKind;
use crate::incident::Command;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use serde::Deserialize;

/// What the buttons "Snooze" and "Silence", and a command without a time, mean.
const SNOOZE_MS: i64 = HOUR_MS;
/// Longest snooze that can be asked for; more is a silence, which has a reason and an owner.
const LONGEST_SNOOZE_MS: i64 = 30 * DAY_MS;

/// What a button or a word asks of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SlackVerb {
    /// Take it.
    Acknowledge,
    /// It is over.
    Resolve,
    /// It is not over.
    Reopen,
    /// Quiet for a while.
    Snooze,
    /// Say no more about things like it, for a while.
    Silence,
}

impl SlackVerb {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Acknowledge,
        Self::Resolve,
        Self::Reopen,
        Self::Snooze,
        Self::Silence,
    ];

    /// The button's `action_id`.
    pub fn action_id(self) -> &'static str {
        match self {
            Self::Acknowledge => "epicenter_acknowledge",
            Self::Resolve => "epicenter_resolve",
            Self::Reopen => "epicenter_reopen",
            Self::Snooze => "epicenter_snooze",
            Self::Silence => "epicenter_silence",
        }
    }

    /// What the button says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledge",
            Self::Resolve => "Resolve",
            Self::Reopen => "Reopen",
            Self::Snooze => "Snooze 1 h",
            Self::Silence => "Silence 1 h",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        match word {
            "ack" | "acknowledge" | "take" => Some(Self::Acknowledge),
            "resolve" | "close" => Some(Self::Resolve),
            "reopen" | "open" => Some(Self::Reopen),
            "snooze" => Some(Self::Snooze),
            "silence" | "mute" => Some(Self::Silence),
            _ => None,
        }
    }
}

/// Which incident is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichIncident {
    /// By our id, from a button.
    Id(i64),
    /// By its number, as people write it.
    Number(i64),
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlackAsk {
    /// Something of one incident.
    Incident {
        /// Which.
        which: WhichIncident,
        /// What.
        verb: SlackVerb,
        /// For how long, where that matters; milliseconds.
        for_ms: i64,
    },
    /// What is open?
    List,
    /// What can be asked?
    Help,
    /// A press that only opens a page: to be answered, and nothing else.
    Nothing,
}

impl SlackAsk {
    /// The command that the engine knows for it; none for a silence, a list, help.
    pub fn command(self, now: Time) -> Option<Command> {
        let Self::Incident { verb, for_ms, .. } = self else {
            return None;
        };
        match verb {
            SlackVerb::Acknowledge => Some(Command::Acknowledge),
            SlackVerb::Resolve => Some(Command::Resolve),
            SlackVerb::Reopen => Some(Command::Reopen),
            SlackVerb::Snooze => Some(Command::Snooze(now.plus_ms(for_ms))),
            SlackVerb::Silence => None,
        }
    }
}

/// Foreign text in Slack's markup, shown as it is: no mention fires, no link appears (FIELD
/// case 41). Slack reads three characters; all others stand for themselves.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A person in Slack. The name is what Slack says and proves nothing; team and id do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackPerson {
    /// Slack's id of the workspace.
    pub team: String,
    /// Slack's id of the person within it.
    pub id: String,
    /// Name to show.
    pub name: String,
}

/// One request of a person in Slack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlackAction {
    /// Who.
    pub person: SlackPerson,
    /// What.
    pub ask: SlackAsk,
    /// Where more can be said within half an hour, five times.
    pub response_url: Option<String>,
    /// The card it was pressed on, as our channel refers to it: `channel:ts`.
    pub card: Option<String>,
}

/// Reads a request that Slack has signed: a form with a pressed button or a slash command. The
/// error is a sentence for the person who asked.
pub fn read(body: &[u8]) -> Result<SlackAction, String> {
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(body);
        pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    };
    if let Some(payload) = field("payload") {
        return pressed(&payload);
    }
    let text = field("text").filter(|_| field("command").is_some());
    let Some(text) = text else {
        return Err("This is neither a pressed button nor a command.".to_owned());
    };
    Ok(SlackAction {
        person: SlackPerson {
            team: field("team_id").unwrap_or_default(),
            id: field("user_id").unwrap_or_default(),
            name: field("user_name").unwrap_or_default(),
        },
        ask: typed(&text)?,
        response_url: field("response_url"),
        card: None,
    })
}

#[derive(Deserialize)]
struct Payload {
    #[serde(rename = "type")]
    kind: Option<String>,
    user: Option<Party>,
    team: Option<Party>,
    container: Option<Container>,
    actions: Option<Vec<Pressed>>,
    response_url: Option<String>,
}

#[derive(Deserialize)]
struct Party {
    id: Option<String>,
    name: Option<String>,
    username: Option<String>,
    team_id: Option<String>,
}

#[derive(Deserialize)]
struct Container {
    channel_id: Option<String>,
    message_ts: Option<String>,
}

#[derive(Deserialize)]
struct Pressed {
    action_id: Option<String>,
    value: Option<String>,
}

fn pressed(payload: &str) -> Result<SlackAction, String> {
    let payload: Payload = serde_json::from_str(payload)
        .map_err(|_| "Slack sent something that cannot be read.".to_owned())?;
    if payload.kind.as_deref() != Some("block_actions") {
        return Err("Only buttons can be pressed here.".to_owned());
    }
    let ask = match payload.actions.unwrap_or_default().first() {
        Some(action) => button(action)?,
        None => SlackAsk::Nothing,
    };
    let card = payload.container.and_then(|container| {
        let place = (container.channel_id?, container.message_ts?);
        Some(format!("{}:{}", place.0, place.1))
    });
    let user = payload.user.ok_or("Slack did not say who pressed it.")?;
    let team = payload.team.and_then(|team| team.id).or(user.team_id);
    Ok(SlackAction {
        person: SlackPerson {
            team: team.unwrap_or_default(),
            id: user.id.unwrap_or_default(),
            name: user.name.or(user.username).unwrap_or_default(),
        },
        ask,
        response_url: payload.response_url,
        card,
    })
}

fn button(action: &Pressed) -> Result<SlackAsk, String> {
    let id = action.action_id.as_deref().unwrap_or_default();
    let Some(verb) = SlackVerb::ALL
        .into_iter()
        .find(|verb| verb.action_id() == id)
    else {
        return Ok(SlackAsk::Nothing);
    };
    let value = action.value.as_deref().unwrap_or_default();
    let incident = IdKind::Incident.parse(value);
    let incident = incident.ok_or("The button does not say which incident it is about.")?;
    Ok(SlackAsk::Incident {
        which: WhichIncident::Id(incident),
        verb,
        for_ms: SNOOZE_MS,
    })
}

/// `ack 42`, `snooze #42 2h`, `list`, `help` or nothing.
fn typed(text: &str) -> Result<SlackAsk, String> {
    let text = text.to_lowercase();
    let mut words = text.split_whitespace();
    let verb = match words.next() {
        None | Some("help") => return Ok(SlackAsk::Help),
        Some("list") => return Ok(SlackAsk::List),
        Some(word) => {
            SlackVerb::of_word(word).ok_or("That is no command; try `help`, `list` or `ack 42`.")?
        }
    };
    let number = words.next().unwrap_or_default().trim_start_matches('#');
    let number = number.parse().ok().filter(|number: &i64| *number > 0);
    let number = number.ok_or("Which incident? Write its number: `ack 42`.")?;
    let for_ms = match words.next() {
        None => SNOOZE_MS,
        Some(span) => read_span(span).ok_or("For how long? Write `30m`, `2h` or `3d`.")?,
    };
    Ok(SlackAsk::Incident {
        which: WhichIncident::Number(number),
        verb,
        for_ms,
    })
}

/// `30m`, `2h`, `3d`, up to thirty days.
fn read_span(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(['m', 'h', 'd']);
    let unit = match text.strip_prefix(digits)? {
        "m" => MINUTE_MS,
        "h" => HOUR_MS,
        "d" => DAY_MS,
        _ => return None,
    };
    let count: i64 = digits.parse().ok()?;
    let span = count.checked_mul(unit)?;
    (1..=LONGEST_SNOOZE_MS).contains(&span).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INCIDENT: i64 = 1_234_567;

    fn form(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(pairs).finish().into_bytes()
    }

    fn press(action_id: &str, value: &str) -> Result<SlackAction, String> {
        let payload = serde_json::json!({
            "type": "block_actions",
            "user": {"id": "U1", "username": "ada", "name": "Ada", "team_id": "T9"},
            "team": {"id": "T1", "domain": "acme"},
            "container": {"type": "message", "channel_id": "C1", "message_ts": "1700.000100"},
            "message": {"text": "x", "blocks": []},
            "actions": [{"action_id": action_id, "value": value, "type": "button"}],
            "response_url": "https://hooks.slack.com/actions/T1/2/3",
        });
        read(&form(&[("payload", &payload.to_string())]))
    }

    fn ask(text: &str) -> Result<SlackAsk, String> {
        let body = form(&[
            ("command", "/epicenter"),
            ("text", text),
            ("user_id", "U1"),
            ("team_id", "T1"),
        ]);
        read(&body).map(|action| action.ask)
    }

    #[test]
    fn every_button_is_read_as_it_was_rendered() {
        let id = IdKind::Incident.show(INCIDENT);
        for verb in SlackVerb::ALL {
            let action = press(verb.action_id(), &id).unwrap();
            let expected = SlackAsk::Incident {
                which: WhichIncident::Id(INCIDENT),
                verb,
                for_ms: HOUR_MS,
            };
            assert_eq!(action.ask, expected);
            assert!(!verb.label().is_empty());
        }
        let action = press("epicenter_resolve", &id).unwrap();
        let person = action.person;
        assert_eq!((person.team.as_str(), person.id.as_str()), ("T1", "U1"));
        assert_eq!(person.name, "Ada");
        assert_eq!(action.card.as_deref(), Some("C1:1700.000100"));
        assert!(action.response_url.unwrap().ends_with("/3"));
    }

    #[test]
    fn a_press_that_only_opens_a_page_asks_for_nothing() {
        assert_eq!(press("epicenter_open", "x").unwrap().ask, SlackAsk::Nothing);
    }

    #[test]
    fn what_is_not_from_our_card_is_refused_with_a_sentence() {
        let bodies = [
            form(&[("payload", "{")]),
            form(&[("payload", r#"{"type":"view_submission"}"#)]),
            form(&[("payload", r#"{"type":"block_actions"}"#)]),
            form(&[("text", "ack 42")]),
            Vec::new(),
            vec![0xff, 0xfe],
        ];
        for body in bodies {
            assert!(read(&body).unwrap_err().ends_with('.'));
        }
        assert!(
            press("epicenter_resolve", "42")
                .unwrap_err()
                .contains("which incident")
        );
        assert!(press("epicenter_resolve", "iss_0000000000000").is_err());
    }

    #[test]
    fn commands_are_read_as_people_type_them() {
        let number = |verb, for_ms| {
            Ok(SlackAsk::Incident {
                which: WhichIncident::Number(42),
                verb,
                for_ms,
            })
        };
        for (text, expected) in [
            ("", Ok(SlackAsk::Help)),
            (" HELP ", Ok(SlackAsk::Help)),
            ("list", Ok(SlackAsk::List)),
            ("ack 42", number(SlackVerb::Acknowledge, HOUR_MS)),
            ("Resolve #42", number(SlackVerb::Resolve, HOUR_MS)),
            ("reopen 42", number(SlackVerb::Reopen, HOUR_MS)),
            ("snooze 42", number(SlackVerb::Snooze, HOUR_MS)),
            ("snooze 42 30m", number(SlackVerb::Snooze, 30 * MINUTE_MS)),
            ("snooze  42  3d", number(SlackVerb::Snooze, 3 * DAY_MS)),
            ("silence 42 2h", number(SlackVerb::Silence, 2 * HOUR_MS)),
        ] {
            assert_eq!(ask(text), expected, "{text}");
        }
        for (text, expected) in [
            ("explode 42", "no command"),
            ("ack", "Which incident"),
            ("ack -1", "Which incident"),
            ("ack 99999999999999999999", "Which incident"),
            ("snooze 42 soon", "For how long"),
            ("snooze 42 0h", "For how long"),
            ("snooze 42 31d", "For how long"),
            ("snooze 42 -5m", "For how long"),
            ("snooze 42 9999999999999999d", "For how long"),
            ("snooze 42 hh", "For how long"),
        ] {
            assert!(ask(text).unwrap_err().contains(expected), "{text}");
        }
    }

    #[test]
    fn asks_become_commands_of_the_engine() {
        let now = Time(5);
        let command = |text: &str| ask(text).unwrap().command(now);
        assert_eq!(command("ack 1"), Some(Command::Acknowledge));
        assert_eq!(command("resolve 1"), Some(Command::Resolve));
        assert_eq!(command("reopen 1"), Some(Command::Reopen));
        assert_eq!(
            command("snooze 1 1m"),
            Some(Command::Snooze(Time(5 + MINUTE_MS)))
        );
        for text in ["silence 1", "list", "help"] {
            assert_eq!(command(text), None, "{text}");
        }
    }
}

//! What agents may ask for: each tool with its fields, and the request to the API that answers it.
//! Arguments are checked here, strictly; what they mean is checked by the API like anybody's.

use form_urlencoded::Serializer;
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};
use std::sync::Arc;

/// Characters of a search, a name, a cursor.
const TEXT_CHARS: usize = 500;
/// Characters of a note: as many as the page lets people write.
const NOTE_CHARS: usize = 10_000;
/// Items of one answer; an agent reads few with more profit than many.
const MOST_ITEMS: i64 = 50;
/// Items when the agent does not say how many.
const ITEMS: &str = "10";

/// What a field holds.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Text,
    Note,
    Count,
    Word(&'static [&'static str]),
    /// `inc_…` or a number.
    Incident,
}

/// One argument.
#[derive(Clone, Copy, Debug)]
struct Field {
    name: &'static str,
    /// Its name in the query of the API.
    query: &'static str,
    kind: Kind,
    about: &'static str,
}

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field {
        name,
        query: name,
        kind,
        about,
    }
}

/// How a tool is answered.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A list of the API.
    List(&'static str),
    /// An incident with all that is known of it.
    Incident,
    /// A verb of an incident.
    Verb(&'static str),
}

/// One tool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    fields: &'static [Field],
    way: Way,
}

/// What is asked of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// One `GET`.
    Get(String),
    /// Several, each under its name.
    Parts(Vec<(&'static str, String)>),
    /// A `POST` with this body.
    Post(String, Value),
}

const Q: &str = "Words to search for.";
const LIMIT: Field = field("limit", Kind::Count, "Items, 1 to 50; 10 by default.");
const CURSOR: Field = field("cursor", Kind::Text, "`next_cursor` of the answer before.");
const INCIDENT: Field = field("incident", Kind::Incident, "`inc_…`, or the number.");
const STATUS: [&str; 5] = ["open", "triggered", "acknowledged", "resolved", "suspended"];

/// All tools; those that change something come last.
pub(super) const ALL: [Definition; 8] = [
    Definition {
        name: "search_incidents",
        title: "Search incidents",
        about: "Lists incidents, newest first: what is broken now, or was.",
        fields: &[
            field("status", Kind::Word(&STATUS), "Where they stand."),
            field(
                "severity",
                Kind::Word(&["critical", "error", "warning", "info"]),
                "How bad.",
            ),
            field(
                "q",
                Kind::Text,
                "Part of title, number, short id or dedup key.",
            ),
            LIMIT,
            CURSOR,
        ],
        way: Way::List("incidents"),
    },
    Definition {
        name: "get_incident",
        title: "Get an incident",
        about: "One incident with its timeline, the commits and deploys suspected of it with \
                reasons, and similar past incidents with what resolved them.",
        fields: &[INCIDENT],
        way: Way::Incident,
    },
    Definition {
        name: "search_issues",
        title: "Search the error log",
        about: "Lists issues of the error log, the mirror of Sentry's issues.",
        fields: &[
            field(
                "status",
                Kind::Word(&["unresolved", "resolved", "ignored"]),
                "Status.",
            ),
            field("project", Kind::Text, "Slug of a Sentry project."),
            field("q", Kind::Text, "Part of title or short id."),
            field(
                "sort",
                Kind::Word(&["last_seen", "count", "first_seen"]),
                "What comes first.",
            ),
            LIMIT,
            CURSOR,
        ],
        way: Way::List("issues"),
    },
    Definition {
        name: "search_observations",
        title: "Search the memory",
        about: "Searches everything that happened: errors, deploys, releases, pushes, what people \
                did and wrote. A reference finds all that belongs to one release, commit or file.",
        fields: &[
            field("q", Kind::Text, Q),
            field(
                "type",
                Kind::Text,
                "Such as issue.resolved, deploy.succeeded, incident.noted.",
            ),
            field("source", Kind::Text, "Such as sentry, github, epicenter."),
            Field {
                name: "reference",
                query: "ref",
                kind: Kind::Text,
                about: "Type and id: release:1.4.0, commit:9fceb02, file:src/cart.ts.",
            },
            field(
                "from",
                Kind::Text,
                "Happened at or after, RFC 3339 or a day.",
            ),
            field("to", Kind::Text, "Happened before."),
            LIMIT,
            CURSOR,
        ],
        way: Way::List("observations"),
    },
    Definition {
        name: "list_deploys",
        title: "List deploys",
        about: "Lists deploys, newest first, with their commits and what they were after.",
        fields: &[
            field("environment", Kind::Text, "Such as production."),
            field("q", Kind::Text, "Part of version, commit or name."),
            LIMIT,
            CURSOR,
        ],
        way: Way::List("deploys"),
    },
    Definition {
        name: "acknowledge_incident",
        title: "Acknowledge an incident",
        about: "Says that somebody works on it.",
        fields: &[INCIDENT],
        way: Way::Verb("acknowledge"),
    },
    Definition {
        name: "resolve_incident",
        title: "Resolve an incident",
        about: "Says that it is over. Do so only when a person asked for it.",
        fields: &[INCIDENT],
        way: Way::Verb("resolve"),
    },
    Definition {
        name: "add_note",
        title: "Write a note",
        about: "Writes a note into an incident's timeline, for people to read.",
        fields: &[INCIDENT, field("text", Kind::Note, "The note, Markdown.")],
        way: Way::Verb("note"),
    },
];

impl Definition {
    /// The tool of this name.
    pub(super) fn find(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|tool| tool.name == name)
    }

    /// Does it change anything?
    pub(super) fn writes(&self) -> bool {
        matches!(self.way, Way::Verb(_))
    }

    /// The tool as MCP tells of it.
    pub(super) fn described(&self) -> Tool {
        let mut tool = Tool::new(self.name, self.about, Arc::new(self.schema()));
        tool.title = Some(self.title.to_owned());
        let hints = ToolAnnotations::with_title(self.title)
            .read_only(!self.writes())
            .destructive(false)
            .idempotent(!self.writes() || self.name != "add_note")
            .open_world(false);
        tool.annotations = Some(hints);
        tool
    }

    /// Fields without which there is nothing to do.
    fn required(&self) -> impl Iterator<Item = &'static str> {
        let fields = self.fields.iter();
        fields
            .filter(|field| matches!(field.kind, Kind::Incident | Kind::Note))
            .map(|field| field.name)
    }

    fn schema(&self) -> JsonObject {
        let mut properties = JsonObject::new();
        for field in self.fields {
            let mut schema = field.kind.schema();
            schema.insert("description".to_owned(), json!(field.about));
            properties.insert(field.name.to_owned(), Value::Object(schema));
        }
        let required: Vec<_> = self.required().collect();
        JsonObject::from_iter([
            ("type".to_owned(), json!("object")),
            ("properties".to_owned(), Value::Object(properties)),
            ("required".to_owned(), json!(required)),
            ("additionalProperties".to_owned(), json!(false)),
        ])
    }

    /// What to ask the API for these arguments, or what is wrong with them.
    pub(super) fn ask(&self, arguments: &JsonObject) -> Result<Ask, String> {
        for name in arguments.keys() {
            if !self.fields.iter().any(|field| field.name == name) {
                let known: Vec<_> = self.fields.iter().map(|field| field.name).collect();
                return Err(format!("{name}: is none of {}", known.join(", ")));
            }
        }
        for name in self.required() {
            if !arguments.contains_key(name) {
                return Err(format!("{name}: is missing"));
            }
        }
        let mut given = Vec::new();
        for field in self.fields {
            if let Some(value) = arguments.get(field.name) {
                let text = field.kind.read(value);
                let text = text.map_err(|why| format!("{}: {why}", field.name))?;
                given.push((field, text));
            }
        }
        Ok(self.request(&given))
    }

    fn request(&self, given: &[(&Field, String)]) -> Ask {
        let value = |name: &str| {
            let found = given.iter().find(|(field, _)| field.name == name);
            found.map_or("", |(_, text)| text.as_str())
        };
        let incident = format!("/api/v1/incidents/{}", value("incident"));
        match self.way {
            Way::List(list) => {
                let mut query = Serializer::new(String::new());
                for (field, text) in given {
                    query.append_pair(field.query, text);
                }
                if value("limit").is_empty() {
                    query.append_pair("limit", ITEMS);
                }
                Ask::Get(format!("/api/v1/{list}?{}", query.finish()))
            }
            Way::Incident => Ask::Parts(vec![
                ("incident", incident.clone()),
                ("timeline", format!("{incident}/timeline?limit=100")),
                ("suspects", format!("{incident}/suspects")),
                ("similar", format!("{incident}/similar")),
            ]),
            Way::Verb("note") => {
                Ask::Post(format!("{incident}/note"), json!({ "text": value("text") }))
            }
            Way::Verb(verb) => Ask::Post(format!("{incident}/{verb}"), Value::Null),
        }
    }
}

impl Kind {
    fn schema(self) -> JsonObject {
        let schema = match self {
            Self::Text => json!({"type": "string", "maxLength": TEXT_CHARS}),
            Self::Note => json!({"type": "string", "minLength": 1, "maxLength": NOTE_CHARS}),
            Self::Count => json!({"type": "integer", "minimum": 1, "maximum": MOST_ITEMS}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Incident => {
                json!({"type": "string", "pattern": "^(inc_[0-9a-z]{13}|[0-9]{1,9})$"})
            }
        };
        match schema {
            Value::Object(schema) => schema,
            _ => JsonObject::new(),
        }
    }

    /// The value as a text, if it is one of these.
    fn read(self, value: &Value) -> Result<String, String> {
        let text = value.as_str();
        let short = |most: usize| {
            let text = text.filter(|text| text.chars().count() <= most);
            let fault = || format!("must be a text of at most {most} characters");
            text.map(str::to_owned).ok_or_else(fault)
        };
        match self {
            Self::Text => short(TEXT_CHARS),
            Self::Note => short(NOTE_CHARS),
            Self::Count => value
                .as_i64()
                .filter(|count| (1..=MOST_ITEMS).contains(count))
                .map(|count| count.to_string())
                .ok_or_else(|| format!("must be a number from 1 to {MOST_ITEMS}")),
            Self::Word(words) => text
                .filter(|text| words.contains(text))
                .map(str::to_owned)
                .ok_or_else(|| format!("must be one of {}", words.join(", "))),
            Self::Incident => text
                .filter(|text| is_incident(text))
                .map(str::to_owned)
                .ok_or_else(|| "must be inc_… or a number, as a text".to_owned()),
        }
    }
}

/// Nothing that could lead elsewhere in an address.
fn is_incident(text: &str) -> bool {
    let digits = text.strip_prefix("inc_").unwrap_or(text);
    (1..=13).contains(&digits.len())
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tool: &str, arguments: Value) -> Result<Ask, String> {
        let Value::Object(arguments) = arguments else {
            panic!("{arguments}")
        };
        Definition::find(tool).unwrap().ask(&arguments)
    }

    #[test]
    fn arguments_become_requests_to_the_api() {
        let query = json!({"q": "a b&status=x", "status": "open", "limit": 5});
        assert_eq!(
            ask("search_incidents", query).unwrap(),
            Ask::Get("/api/v1/incidents?status=open&q=a+b%26status%3Dx&limit=5".to_owned())
        );
        let query = json!({"reference": "release:1.4.0"});
        assert_eq!(
            ask("search_observations", query).unwrap(),
            Ask::Get("/api/v1/observations?ref=release%3A1.4.0&limit=10".to_owned())
        );
        let note = json!({"incident": "7", "text": "Look"});
        assert_eq!(
            ask("add_note", note).unwrap(),
            Ask::Post(
                "/api/v1/incidents/7/note".to_owned(),
                json!({"text": "Look"})
            )
        );
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (tool, arguments, field) in [
            ("search_incidents", json!({"state": "open"}), "state"),
            ("search_incidents", json!({"status": "on fire"}), "status"),
            ("search_incidents", json!({"limit": 51}), "limit"),
            ("search_incidents", json!({"limit": "5"}), "limit"),
            ("search_incidents", json!({"q": 5}), "q"),
            ("search_incidents", json!({"q": "a".repeat(501)}), "q"),
            ("get_incident", json!({}), "incident"),
            ("get_incident", json!({"incident": "../issues"}), "incident"),
            ("get_incident", json!({"incident": "7?x=1"}), "incident"),
            ("get_incident", json!({"incident": 7}), "incident"),
            ("add_note", json!({"incident": "7"}), "text"),
        ] {
            let fault = ask(tool, arguments.clone()).unwrap_err();
            assert!(
                fault.starts_with(&format!("{field}: ")),
                "{arguments}: {fault}"
            );
        }
    }

    #[test]
    fn schemas_are_strict() {
        for tool in ALL {
            let schema = tool.schema();
            assert_eq!(schema["additionalProperties"], false, "{}", tool.name);
            let hints = tool.described().annotations.unwrap();
            assert_eq!(hints.read_only_hint, Some(!tool.writes()), "{}", tool.name);
        }
    }
}

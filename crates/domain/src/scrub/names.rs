//! What the name of a value says about it.

use super::rules::{Rule, Rules};

/// Where in the body the walk is, as far as that changes the meaning of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere.
    Any,
    /// Inside an HTTP request or response.
    Request,
    /// Inside a user.
    User,
    /// In the list of a REST event's entries.
    Entries,
    /// In one of these entries.
    Entry,
    /// In an installation of the integration.
    Installation,
    /// In a frame's local variables: every value goes, the names stay.
    Variables,
}

/// What to do with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Mask what is in its text.
    Mask,
    /// Remove it if this rule is on; without a rule: always.
    Remove(Option<Rule>),
    /// The same, but numbers stay: they are counts.
    RemoveText(Rule),
    /// The same, but only lists and objects go.
    RemoveNested(Rule),
    /// Go on at this place.
    Enter(Place),
    /// The whole text is an e-mail address.
    Email,
    /// The whole text is an IP address.
    Ip,
    /// A user: an object, or text like `ip:203.0.113.9`.
    User,
}

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// What to do.
    pub(super) act: Act,
    /// Bits of the rules that do not look into the text.
    pub(super) without: u16,
    /// `without` also holds for everything below.
    pub(super) below: bool,
}

impl Class {
    /// A name that says nothing.
    pub(super) const PLAIN: Self = Self::act(Act::Mask);

    const fn act(act: Act) -> Self {
        Self {
            act,
            without: 0,
            below: false,
        }
    }

    const fn without(without: u16, below: bool) -> Self {
        Self {
            act: Act::Mask,
            without,
            below,
        }
    }
}

/// Text that names a version: `10.0.0.1` is no address, `shop@2.0.app` no mailbox.
const IN_RELEASE: u16 = Rule::EmailsInText.bit() | Rule::IpsInText.bit() | Rule::CardNumbers.bit();
/// Names and versions of software.
const IN_SOFTWARE: u16 = Rule::IpsInText.bit() | Rule::CardNumbers.bit();

/// Names longer than this are only looked at as far.
const NAME_MAX: usize = 64;

/// What `name` says about its value at this place.
pub(super) fn class_of(name: &[u8], place: Place, rules: &Rules) -> Class {
    let mut buffer = [0; NAME_MAX];
    let lower = lower_case(name, &mut buffer);
    if rules.names(lower) {
        return Class::act(Act::Remove(None));
    }
    if let Some(class) = by_place(lower, place) {
        return class;
    }
    if is_masked(name) {
        return Class::PLAIN;
    }
    if let Some(class) = personal(lower).or_else(|| software(name, lower)) {
        return class;
    }
    match secrecy(name) {
        Secrecy::Open => Class::PLAIN,
        Secrecy::Secret => Class::act(Act::Remove(Some(Rule::SecretKeys))),
        Secrecy::SecretText => Class::act(Act::RemoveText(Rule::SecretKeys)),
    }
}

fn lower_case<'a>(name: &[u8], buffer: &'a mut [u8; NAME_MAX]) -> &'a [u8] {
    let mut length = 0;
    for (slot, byte) in buffer.iter_mut().zip(name) {
        *slot = byte.to_ascii_lowercase();
        length += 1;
    }
    buffer.get(..length).unwrap_or_default()
}

/// Did a mask already stand here? Then the rest of the name says nothing reliable.
fn is_masked(name: &[u8]) -> bool {
    name.iter().enumerate().any(|(at, byte)| {
        let before = at.checked_sub(1).and_then(|at| name.get(at));
        *byte == b'[' && !before.is_some_and(u8::is_ascii_alphanumeric)
    })
}

fn by_place(lower: &[u8], place: Place) -> Option<Class> {
    let act = match (place, lower) {
        (Place::Variables, _) => Act::Remove(Some(Rule::FrameVars)),
        (Place::Request, b"headers") => Act::Remove(Some(Rule::RequestHeaders)),
        (Place::Request, b"data" | b"body") => Act::Remove(Some(Rule::RequestBody)),
        (Place::User, b"email") => Act::Remove(Some(Rule::UserEmail)),
        (Place::User, b"ip_address" | b"ipaddress" | b"ip") => Act::Remove(Some(Rule::UserIp)),
        (Place::User, b"data") => Act::Enter(Place::User),
        (Place::Entry, b"data") => Act::Enter(Place::Request),
        (Place::Installation, b"code") => Act::Remove(Some(Rule::SecretKeys)),
        _ => return None,
    };
    Some(Class::act(act))
}

fn personal(lower: &[u8]) -> Option<Class> {
    let act = match lower {
        b"request" | b"response" | b"sentry.interfaces.http" => Act::Enter(Place::Request),
        b"user" | b"sentry_user" | b"sentry:user" | b"sentry.interfaces.user" => Act::User,
        b"entries" => Act::Enter(Place::Entries),
        b"installation" => Act::Enter(Place::Installation),
        b"vars" => Act::Enter(Place::Variables),
        b"headers" | b"request_headers" | b"response_headers" | b"requestheaders"
        | b"responseheaders" | b"http_headers" => Act::RemoveNested(Rule::RequestHeaders),
        b"cookies" | b"cookie" | b"set-cookie" | b"set_cookie" | b"http_cookie" => {
            Act::Remove(Some(Rule::Cookies))
        }
        b"request_body"
        | b"requestbody"
        | b"response_body"
        | b"responsebody"
        | b"post_data"
        | b"http.request.body"
        | b"http.response.body" => Act::Remove(Some(Rule::RequestBody)),
        b"remote_addr"
        | b"ip_address"
        | b"ipaddress"
        | b"ip"
        | b"client_ip"
        | b"clientip"
        | b"remote_ip"
        | b"user.ip"
        | b"user.ip_address"
        | b"client.address"
        | b"x-forwarded-for"
        | b"x_forwarded_for"
        | b"http_x_forwarded_for"
        | b"x-real-ip"
        | b"x_real_ip"
        | b"http_x_real_ip"
        | b"forwarded"
        | b"http_forwarded" => Act::Ip,
        b"geo" | b"user_geo" => Act::Remove(Some(Rule::Geo)),
        _ if lower.starts_with(b"geo.") || lower.starts_with(b"user.geo.") => {
            Act::Remove(Some(Rule::Geo))
        }
        _ if lower.ends_with(b"email") || lower.ends_with(b"email_address") => Act::Email,
        _ if lower.ends_with(b"emailaddress") => Act::Email,
        _ => return None,
    };
    Some(Class::act(act))
}

fn software(name: &[u8], lower: &[u8]) -> Option<Class> {
    let class = match lower {
        b"sdk" | b"platform" | b"packages" | b"modules" | b"browser" | b"os" | b"runtime"
        | b"client_os" => Class::without(IN_SOFTWARE, true),
        // What senders call an alert: hosts and checks, and what tells one from another.
        b"dedup_key" => Class::without(IN_SOFTWARE, false),
        b"dist" | b"sentry:dist" => Class::without(IN_RELEASE, false),
        b"context_line" | b"pre_context" | b"post_context" | b"context" | b"function"
        | b"filename" | b"abs_path" | b"abspath" | b"module" | b"raw_function" | b"rawfunction"
        | b"culprit" => Class::without(Rule::UrlParameters.bit(), false),
        b"id" | b"uuid" | b"project" | b"projects" | b"checksum" | b"fingerprint"
        | b"fingerprints" | b"hashes" | b"_ref" | b"sha" | b"commit" => {
            Class::without(Rule::CardNumbers.bit(), false)
        }
        _ if lower.ends_with(b"version") || lower.ends_with(b"release") => {
            Class::without(IN_RELEASE, false)
        }
        _ if lower.ends_with(b"build") => Class::without(IN_RELEASE, false),
        _ if lower.ends_with(b"session_id") || lower.ends_with(b"sessionid") => return None,
        _ if lower.ends_with(b"_id") || name.ends_with(b"Id") || name.ends_with(b"ID") => {
            Class::without(Rule::CardNumbers.bit(), false)
        }
        _ => return None,
    };
    Some(class)
}

/// Does a name say that its value is secret?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// No.
    Open,
    /// Yes.
    Secret,
    /// Yes, unless the value is a number.
    SecretText,
}

/// Splits `snake_case`, `kebab-case`, `camelCase`, `user[password]` into words and looks at them.
pub(super) fn secrecy(name: &[u8]) -> Secrecy {
    if name.len() < 3 {
        return Secrecy::Open;
    }
    let mut words = Words::default();
    let mut before = b'_';
    for byte in name {
        let starts = byte.is_ascii_uppercase() && before.is_ascii_lowercase();
        if starts || !byte.is_ascii_alphanumeric() {
            words.end_word();
        }
        if byte.is_ascii_alphanumeric() {
            words.push(byte.to_ascii_lowercase());
        }
        before = *byte;
    }
    words.end_word();
    words.verdict()
}

/// The current word of a name and what the words before it said.
struct Words {
    word: [u8; 24],
    length: usize,
    count: usize,
    before: Before,
    secret: bool,
    token: Secrecy,
}

/// The word before, if it matters to the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Other,
    /// `api`, `access`, `routing`… before `key`.
    Key,
    /// `session` before `id` or `key`.
    Session,
    /// `credit`, `card` before `card`, `number`.
    Card,
    /// `auth`, alone or before `key`, `header`.
    Auth,
    /// `connect` before `sid`.
    Connect,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            word: [0; 24],
            length: 0,
            count: 0,
            before: Before::Other,
            secret: false,
            token: Secrecy::Open,
        }
    }
}

impl Words {
    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.word.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    fn end_word(&mut self) {
        let word = self.word.get(..self.length).unwrap_or_default();
        if word.is_empty() {
            return;
        }
        self.secret |= is_secret_word(word) || is_secret_pair(self.before, word);
        self.token = if word.ends_with(b"token") || word == b"tokens" {
            Secrecy::SecretText
        } else {
            Secrecy::Open
        };
        self.before = match word {
            b"api" | b"access" | b"private" | b"encryption" | b"signing" | b"master"
            | b"routing" => Before::Key,
            b"session" => Before::Session,
            b"credit" | b"card" | b"debit" => Before::Card,
            b"auth" => Before::Auth,
            b"connect" => Before::Connect,
            _ => Before::Other,
        };
        self.count += 1;
        self.length = 0;
    }

    fn verdict(&self) -> Secrecy {
        let alone = self.count == 1 && matches!(self.before, Before::Auth | Before::Session);
        if self.secret || alone {
            return Secrecy::Secret;
        }
        self.token
    }
}

fn is_secret_word(word: &[u8]) -> bool {
    match word {
        b"pwd" | b"passphrase" | b"secrets" | b"credential" | b"credentials" | b"authorization"
        | b"csrf" | b"xsrf" | b"bearer" | b"privatekey" | b"accesskey" | b"secretkey"
        | b"sessionid" | b"sessid" | b"jsessionid" | b"phpsessid" | b"sid" | b"cvv" | b"cvc"
        | b"ssn" | b"otp" | b"creditcard" | b"cardnumber" | b"passwords" => true,
        _ => [&b"password"[..], b"passwd", b"secret", b"apikey"]
            .iter()
            .any(|ending| word.ends_with(ending)),
    }
}

fn is_secret_pair(before: Before, word: &[u8]) -> bool {
    match before {
        Before::Other => false,
        Before::Key => word == b"key" || word == b"keys",
        Before::Session => matches!(word, b"id" | b"key"),
        Before::Card => matches!(word, b"card" | b"number"),
        Before::Auth => matches!(word, b"key" | b"header" | b"code"),
        Before::Connect => word == b"sid",
    }
}

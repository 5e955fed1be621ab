//! The letter and its way to the mail server.

use super::text;
use crate::channels::Attempt;
use crate::clients::outbound::{Outbound, OutboundError};
use crate::limits::{MAIL_COMMAND, MAIL_DEADLINE};
use epicenter_domain::notification::cut::one_line;
use epicenter_domain::notification::limits::EMAIL_RECIPIENTS;
use epicenter_domain::notification::{Kind, Link, MailServer, MailTls, Message, Notice, Receipt};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::{Duration, SystemTime};

const SERVICE: &str = "The mail server";

/// A letter that is to be written.
#[derive(Clone, Copy, Debug)]
pub(in crate::channels) struct Letter<'a> {
    pub(in crate::channels) server: &'a MailServer,
    pub(in crate::channels) from: &'a str,
    pub(in crate::channels) to: &'a [String],
}

/// A header that is ASCII and ours.
#[derive(Clone)]
struct Plain<const NAME: usize>(String);

/// Headers that programs of readers act upon: who wrote it, how to get no more of it.
const NAMES: [HeaderName; 3] = [
    HeaderName::new_from_ascii_str("Auto-Submitted"),
    HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
    HeaderName::new_from_ascii_str("List-Unsubscribe"),
];

impl<const NAME: usize> Header for Plain<NAME> {
    fn name() -> HeaderName {
        let [submitted, suppress, unsubscribe] = NAMES;
        match NAME {
            0 => submitted,
            1 => suppress,
            _ => unsubscribe,
        }
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

impl Letter<'_> {
    /// The letter as it goes over the line; the error says what is wrong with the settings.
    pub(super) fn render(
        &self,
        (notice, actions): (&Notice, &[Link]),
        now: SystemTime,
    ) -> Result<lettre::Message, String> {
        let from = mailbox(self.from)?;
        let domain = from.email.domain().to_owned();
        let name = |id: &str| format!("<{}@{domain}>", token(id));
        let mut message = Message::of(notice);
        message.links.extend_from_slice(actions);
        let is_first = notice.kind == Kind::Triggered || notice.incident().is_none();
        let subject = text::subject(notice);
        let subject = if is_first {
            subject
        } else {
            format!("Re: {subject}")
        };
        let unsubscribe = format!("<mailto:{}?subject=unsubscribe>", from.email);
        let mut letter = lettre::Message::builder()
            .date(now)
            .message_id(Some(name(&notice.idempotency_key)))
            .subject(subject)
            .header(Plain::<0>("auto-generated".to_owned()))
            .header(Plain::<1>("All".to_owned()))
            .header(Plain::<2>(unsubscribe))
            .from(from);
        if notice.incident().is_some() {
            // No letter has this id; all that refer to it are one conversation.
            let thread = name(notice.thread());
            letter = letter.in_reply_to(thread.clone()).references(thread);
        }
        if self.to.is_empty() || self.to.len() > EMAIL_RECIPIENTS {
            return Err(format!(
                "between 1 and {EMAIL_RECIPIENTS} addresses can be written to"
            ));
        }
        for address in self.to {
            letter = letter.to(mailbox(address)?);
        }
        let parts = MultiPart::alternative()
            .boundary(format!("epicenter-{}", token(&notice.idempotency_key)))
            .singlepart(SinglePart::plain(text::plain(&message)))
            .singlepart(SinglePart::html(text::formatted(&message)));
        letter.multipart(parts).map_err(|error| error.to_string())
    }

    pub(in crate::channels) async fn send(
        &self,
        outbound: &Outbound,
        attempt: Attempt<'_>,
    ) -> Receipt {
        let since_1970 = u64::try_from(attempt.now.0).unwrap_or_default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(since_1970);
        let letter = match self.render((attempt.notice, attempt.actions), now) {
            Ok(letter) => letter,
            Err(why) => return Receipt::refused(format!("E-mail: {why}.")),
        };
        let posted = self.post(outbound, letter);
        let (outcome, receipt) = match tokio::time::timeout(MAIL_DEADLINE, posted).await {
            Ok(done) => done,
            Err(_) => (
                "mail_timed_out",
                Receipt::retry(format!("{SERVICE} is too slow.")),
            ),
        };
        outbound.count(outcome);
        receipt
    }

    async fn post(&self, outbound: &Outbound, letter: lettre::Message) -> (&'static str, Receipt) {
        let addresses = outbound
            .addresses(&self.server.host, self.server.port)
            .await;
        let address = match addresses {
            Ok(addresses) => addresses.first().map(|address| address.ip().to_string()),
            Err(error) => return ("mail_blocked", unreachable_server(&error)),
        };
        let transport = self.transport(&address.unwrap_or_default(), &letter);
        let transport = match transport {
            Ok(transport) => transport,
            Err(receipt) => return ("mail_failed", receipt),
        };
        match transport.send(letter).await {
            Ok(_) => ("mail_sent", Receipt::delivered()),
            Err(error) => ("mail_failed", failure(&error)),
        }
    }

    /// A connection to the address that was checked, under the name that its certificate must
    /// bear.
    fn transport(
        &self,
        address: &str,
        letter: &lettre::Message,
    ) -> Result<AsyncSmtpTransport<Tokio1Executor>, Receipt> {
        let parameters = || {
            TlsParameters::new(self.server.host.clone())
                .map_err(|_| Receipt::refused("E-mail: the server's name fits no certificate."))
        };
        let tls = match self.server.tls {
            MailTls::Implicit => Tls::Wrapper(parameters()?),
            MailTls::Starttls => Tls::Required(parameters()?),
            MailTls::None => Tls::None,
        };
        let sender = letter.envelope().from();
        let domain = sender.map_or("localhost", |sender| sender.domain());
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.to_owned())
                .port(self.server.port)
                .tls(tls)
                .hello_name(ClientId::Domain(domain.to_owned()))
                .timeout(Some(MAIL_COMMAND));
        if let Some(login) = &self.server.login {
            let password = login.password.expose().to_owned();
            transport = transport.credentials(Credentials::new(login.user.clone(), password));
        }
        Ok(transport.build())
    }
}

fn unreachable_server(error: &OutboundError) -> Receipt {
    let why = format!("{SERVICE}: {error}.");
    if error.is_permanent() {
        Receipt::refused(why)
    } else {
        Receipt::retry(why)
    }
}

/// 4xx: later; 5xx: never (FIELD case 36). Only the code is told: the text is the server's.
fn failure(error: &lettre::transport::smtp::Error) -> Receipt {
    if let Some(code) = error.status() {
        let why = format!("{SERVICE} answered {code}");
        return if error.is_permanent() {
            Receipt::refused(format!(
                "{why}: it does not take the letter; check addresses and login."
            ))
        } else {
            Receipt::retry(format!("{why}: not now."))
        };
    }
    if error.is_tls() {
        return Receipt::retry(format!("{SERVICE} could not prove who it is (TLS)."));
    }
    if error.is_client() {
        let why = "offers no TLS, or no login, as it is set up here";
        return Receipt::refused(format!("{SERVICE} {why}."));
    }
    Receipt::retry(format!("{SERVICE} could not be reached, or broke off."))
}

/// An address with or without a name, on one line.
fn mailbox(text: &str) -> Result<Mailbox, String> {
    let text = one_line(text);
    text.parse()
        .map_err(|_| format!("\"{text}\" is no e-mail address"))
}

/// An id as it may stand in a header: letters, digits, `_` and `-`.
fn token(id: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
    id.chars().filter(is_plain).take(64).collect()
}

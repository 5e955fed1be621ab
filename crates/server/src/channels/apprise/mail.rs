//! `mailto://` and `mailtos://`.

use super::address::Address;
use super::login;
use epicenter_domain::notification::limits::EMAIL_RECIPIENTS;
use epicenter_domain::notification::{MailServer, MailTls, Target};

/// Providers whose mail server has another name than the address says: domain, host, port, TLS.
const PROVIDERS: [(&str, &str, u16, MailTls); 6] = [
    ("gmail.com", "smtp.gmail.com", 587, MailTls::Starttls),
    (
        "outlook.com",
        "smtp-mail.outlook.com",
        587,
        MailTls::Starttls,
    ),
    (
        "hotmail.com",
        "smtp-mail.outlook.com",
        587,
        MailTls::Starttls,
    ),
    ("yahoo.com", "smtp.mail.yahoo.com", 465, MailTls::Implicit),
    ("fastmail.com", "smtp.fastmail.com", 465, MailTls::Implicit),
    ("icloud.com", "smtp.mail.me.com", 587, MailTls::Starttls),
];

/// `mailtos://user:password@domain:port/to?smtp=…&from=…&to=…&mode=…&user=…`.
pub(super) fn read(address: &Address) -> Result<Target, String> {
    let domain = address.host.to_lowercase();
    let sender = sender(address, &domain)?;
    let recipients = recipients(address, &sender);
    if recipients.is_empty() || recipients.len() > EMAIL_RECIPIENTS {
        return Err(format!(
            "mailto:// takes 1 to {EMAIL_RECIPIENTS} addresses."
        ));
    }
    let provider = PROVIDERS.iter().find(|(name, ..)| *name == domain);
    let known = provider.filter(|_| address.query("smtp").is_none());
    let (host, usual_port, usual_tls) = if let Some((_, host, port, tls)) = known {
        ((*host).to_owned(), Some(*port), *tls)
    } else {
        let host = address.query("smtp").unwrap_or(&domain).to_owned();
        (host, None, usual_tls(&address.scheme))
    };
    let tls = match address.query("mode") {
        None => usual_tls,
        Some("ssl") => MailTls::Implicit,
        Some("starttls") => MailTls::Starttls,
        Some("insecure") => MailTls::None,
        Some(_) => return Err("The mode of mailto:// is ssl, starttls or insecure.".to_owned()),
    };
    let port = address.port()?.or(usual_port).unwrap_or(match tls {
        MailTls::Implicit => 465,
        MailTls::Starttls => 587,
        MailTls::None => 25,
    });
    // Providers want the whole address as the name, other servers often only what is before the @.
    let whole = || format!("{}@{domain}", address.user.as_deref().unwrap_or_default());
    let user = address.query("user").map(str::to_owned);
    let user = user.or_else(|| known.map(|_| whole()));
    let user = user.or_else(|| address.user.clone());
    let login = user
        .zip(address.password.as_ref())
        .map(|(user, password)| login(&user, password));
    Ok(Target::Email {
        server: MailServer {
            host,
            port,
            tls,
            login,
        },
        from: sender,
        to: recipients,
    })
}

fn usual_tls(scheme: &str) -> MailTls {
    if scheme == "mailtos" {
        MailTls::Starttls
    } else {
        MailTls::None
    }
}

/// `from=`, else the name before the domain; with `name=` before it.
fn sender(address: &Address, domain: &str) -> Result<String, String> {
    let plain = match (address.query("from"), &address.user) {
        (Some(from), _) => from.to_owned(),
        (None, Some(user)) if user.contains('@') => user.clone(),
        (None, Some(user)) => format!("{user}@{domain}"),
        (None, None) => {
            return Err(
                "mailto:// needs a sender: mailto://user:password@domain or from=….".to_owned(),
            );
        }
    };
    Ok(match address.query("name") {
        Some(name) => format!("{name} <{plain}>"),
        None => plain,
    })
}

/// `to=` and the parts of the path, else the sender.
fn recipients(address: &Address, sender: &str) -> Vec<String> {
    let listed = address.query("to").unwrap_or_default().split(',');
    let in_path = address.path.iter().map(String::as_str);
    let all = listed.chain(in_path).map(str::trim);
    let all: Vec<_> = all
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect();
    if all.is_empty() {
        vec![sender.to_owned()]
    } else {
        all
    }
}

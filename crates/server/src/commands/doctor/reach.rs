//! The halves of the set-up that lie on the network: this server, its public address, the mail server.

use super::setup::line;
use crate::channels::apprise;
use crate::clients::own_door::{is_alive, local};
use crate::config::Config;
use epicenter_domain::health::{Finding, Level};
use epicenter_domain::notification::Target;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a mail server is waited for; they answer in milliseconds.
const MAIL_PATIENCE: Duration = Duration::from_secs(5);

/// Does the server run, and is it reached at its public address?
pub(super) async fn server(config: &Config) -> Vec<Finding> {
    let here = format!("http://{}", local(config.listen));
    if let Err(why) = is_alive(&here).await {
        let says = format!("The server does not run at {here}: {why}");
        let todo = "Start it with `epicenter serve`; what follows is from its database.";
        return vec![line("server", Level::Attention, says).todo(todo)];
    }
    let runs = line("server", Level::Ok, format!("The server runs at {here}."));
    vec![runs, public(config).await]
}

async fn public(config: &Config) -> Finding {
    if config.public_url.is_empty() {
        let says = format!(
            "`public_url` is not set, so links and push URLs begin with {}.",
            config.base_url()
        );
        let todo = "Set it to the address at which people and Sentry reach this server.";
        return line("public_url", Level::Attention, says).todo(todo);
    }
    let url = config.base_url();
    match is_alive(&url).await {
        Ok(()) => line(
            "public_url",
            Level::Ok,
            format!("{url} leads to this server."),
        ),
        Err(why) => {
            let says = format!("{url} does not lead to this server, seen from here: {why}");
            let todo = "Check the name, the reverse proxy and its certificate. If only this machine \
                        cannot reach it, nothing is wrong.";
            line("public_url", Level::Attention, says).todo(todo)
        }
    }
}

/// Does the mail server answer?
pub(super) async fn mail(config: &Config) -> Finding {
    if config.outbound.mail.is_empty() {
        let says = "No mail server is set up, so escalations cannot send e-mail to persons.";
        return line("mail", Level::Ok, says);
    }
    let server = match apprise::read(&config.outbound.mail) {
        Ok(Target::Email { server, .. }) => server,
        Ok(_) => {
            let says = "`outbound.mail` is not the URL of a mail server.";
            let todo = "It begins with mailto:// or mailtos://; see docs/guide/noise.md.";
            return line("mail", Level::Broken, says).todo(todo);
        }
        Err(why) => {
            let says = format!("`outbound.mail` cannot be read: {why}.");
            let todo = "See docs/guide/noise.md.";
            return line("mail", Level::Broken, says).todo(todo);
        }
    };
    let place = format!("{}:{}", server.host, server.port);
    let connected = timeout(MAIL_PATIENCE, TcpStream::connect(&place)).await;
    let why = match connected {
        Ok(Ok(_)) => {
            return line(
                "mail",
                Level::Ok,
                format!("The mail server {place} answers."),
            );
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it did not answer in time".to_owned(),
    };
    let says = format!("The mail server {place} cannot be reached: {why}.");
    let todo = "Check `outbound.mail`, and whether this machine may go there.";
    line("mail", Level::Broken, says).todo(todo)
}

//! A page with nothing but a message: not found, not allowed, broken.

use super::parts::Icon;
use super::shell::Shell;
use crate::http::pages::assets;
use askama::Template;

/// For a signed-in user.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/message.html")]
pub struct MessagePage {
    /// What is around it.
    pub shell: Shell,
    /// The message.
    pub message: Message,
}

/// For everybody else, and for when even the surroundings cannot be read.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/message_alone.html")]
pub struct BareMessagePage {
    /// The message.
    pub message: Message,
}

/// What happened, and what to do.
#[derive(Clone, Debug)]
pub struct Message {
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub title: String,
    /// What to do.
    pub advice: String,
    /// Where to go: address of our own and words.
    pub link: Option<(String, String)>,
}

impl Message {
    fn new(status: u16, title: &str, advice: &str) -> Self {
        Self {
            status,
            title: title.to_owned(),
            advice: advice.to_owned(),
            link: Some(("/incidents".to_owned(), "Go to the incidents".to_owned())),
        }
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(
            404,
            "There is nothing at this address",
            "It may be mistyped, or retention has removed it. Look for it in the list.",
        )
    }

    /// 403, with the reason.
    pub fn forbidden(why: &str) -> Self {
        Self::new(403, "This is not allowed", why)
    }

    /// 403 for a form whose token is not the session's.
    pub fn stale_form() -> Self {
        Self::new(
            403,
            "This form is too old",
            "The session has changed since the page was loaded. Go back, reload it, and send it \
             again; nothing was changed.",
        )
    }

    /// 500, with the id under which the log has the cause.
    pub fn broken(request_id: &str) -> Self {
        let seen = if request_id.is_empty() {
            "The log says why.".to_owned()
        } else {
            format!("The log says why, under {request_id}.")
        };
        Self::new(
            500,
            "Epicenter could not make this page",
            &format!("Webhooks are still received. Try again in a moment. {seen}"),
        )
    }

    /// 410: the one-time link of the first run was used.
    pub fn set_up_already() -> Self {
        Self {
            link: Some(("/login".to_owned(), "Sign in".to_owned())),
            ..Self::new(
                410,
                "Epicenter is set up already",
                "The one-time link has been used. Sign in; an admin can add more people.",
            )
        }
    }
}

//! A mail server that keeps what it is given.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter as it came over the line.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) text: String,
}

/// A mail server without TLS that says yes, unless the recipient's name is a number: that is its
/// answer then.
pub(crate) struct FakeMail {
    pub(crate) port: u16,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl FakeMail {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let kept = Arc::clone(&letters);
        #[expect(
            clippy::disallowed_methods,
            reason = "the test's own server dies with the test"
        )]
        drop(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A client that breaks off is done.
                drop(converse(stream, &kept).await);
            }
        }));
        Self { port, letters }
    }

    /// What came since it was asked last.
    pub(crate) fn take(&self) -> Vec<Letter> {
        let mut letters = self.letters.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *letters)
    }
}

async fn converse(stream: TcpStream, kept: &Mutex<Vec<Letter>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    let mut letter = Letter {
        from: String::new(),
        to: Vec::new(),
        text: String::new(),
    };
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let (verb, rest) = line
            .trim()
            .split_once([' ', ':'])
            .unwrap_or((line.trim(), ""));
        let answer = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => "250-mail.test\r\n250 8BITMIME".to_owned(),
            "MAIL" => {
                letter.from = address(rest);
                "250 ok".to_owned()
            }
            "RCPT" => {
                let to = address(rest);
                let name = to.split('@').next().unwrap_or_default().to_owned();
                letter.to.push(to);
                name.parse::<u16>()
                    .map_or("250 ok".to_owned(), |code| format!("{code} as you wish"))
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                letter.text = read_text(&mut stream).await?;
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.push(letter.clone());
                "250 kept".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "502 unknown".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// What stands between the angle brackets.
fn address(text: &str) -> String {
    let inside = text.split(['<', '>']).nth(1);
    inside.unwrap_or_default().to_owned()
}

async fn read_text(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(text);
        }
        text.push_str(&line);
    }
}

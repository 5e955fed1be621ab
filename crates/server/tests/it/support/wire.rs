//! Requests that no well-behaved client would send, byte by byte.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Silence after which no answer is expected any more.
const SILENCE: Duration = Duration::from_secs(3);

/// Sends the bytes, as far as the server takes them, and answers what comes back.
pub(crate) async fn exchange(address: SocketAddr, bytes: &[u8]) -> String {
    let (mut reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let write = async {
        // A server that has answered may close before it has read everything.
        drop(writer.write_all(bytes).await);
    };
    let read = async {
        let mut answer = Vec::new();
        let mut piece = [0; 4_096];
        while let Ok(Ok(count @ 1..)) = timeout(SILENCE, reader.read(&mut piece)).await {
            answer.extend_from_slice(&piece[..count]);
            if answer.ends_with(b"}") {
                break;
            }
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    let ((), answer) = tokio::join!(write, read);
    answer
}

/// The head of a request for the default integration.
pub(crate) fn head(headers: &str) -> String {
    format!("POST /api/webhooks/sentry HTTP/1.1\r\nHost: epicenter.test\r\n{headers}\r\n")
}

//! A small HTTP client over one blocking connection: cheap, so that the measured server gets the
//! processor.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer that takes longer than this is a failure.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of an answer that is read.
const MOST: usize = 4 << 20;

/// A connection that stays open between requests.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
    /// Will the server close the connection?
    pub closes: bool,
}

impl Wire {
    /// Connects, to this machine only.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            let text = "only this machine may be loaded (a loopback address)";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream,
            buffer: vec![0; 4_096],
        })
    }

    /// One request, already in the form it has on the wire, and its answer.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request)?;
        let mut have = 0;
        loop {
            if have == self.buffer.len() {
                if have >= MOST {
                    return Err(broken("the answer is too long"));
                }
                self.buffer.resize(have * 2, 0);
            }
            let room = self.buffer.get_mut(have..).unwrap_or_default();
            let read = self.stream.read(room)?;
            if read == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            have += read;
            let answer = parse(self.buffer.get(..have).unwrap_or_default())?;
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
    }
}

/// `GET` with a bearer token, on a connection of its own.
pub fn get(address: SocketAddr, path: &str, token: &str) -> io::Result<Answer> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         accept: */*\r\n\r\n"
    );
    Wire::open(address)?.exchange(request.as_bytes())
}

fn broken(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// The answer, once it is complete.
fn parse(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, rest) = bytes.split_at(end + 4);
    let head = std::str::from_utf8(head).map_err(|_| broken("the head is no text"))?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok());
    let Some(status) = status else {
        return Err(broken("no status"));
    };
    let mut length = None;
    let mut chunked = false;
    let mut closes = false;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse::<usize>().ok();
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.eq_ignore_ascii_case("chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        }
    }
    let body = match (chunked, length) {
        (true, _) => unchunk(rest)?,
        (false, length) => rest.get(..length.unwrap_or(0)).map(<[u8]>::to_vec),
    };
    Ok(body.map(|body| Answer {
        status,
        body,
        closes,
    }))
}

fn unchunk(mut rest: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else {
            return Ok(None);
        };
        let (line, after) = rest.split_at(end);
        let size = std::str::from_utf8(line).unwrap_or_default();
        let size = usize::from_str_radix(size, 16).map_err(|_| broken("no chunk size"))?;
        let Some(chunk) = after.get(2..2 + size + 2) else {
            return Ok(None);
        };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(chunk.get(..size).unwrap_or_default());
        rest = after.get(2 + size + 2..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_when_it_is_complete() {
        let text = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}";
        for length in 0..text.len() {
            assert!(parse(&text[..length]).unwrap().is_none());
        }
        let answer = parse(text).unwrap().unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (202, &b"{}"[..]));
    }

    #[test]
    fn chunks_are_joined() {
        let text = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
            3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        for length in 0..text.len() {
            assert!(parse(&text[..length]).unwrap().is_none());
        }
        assert_eq!(parse(text).unwrap().unwrap().body, b"abcde");
    }

    #[test]
    fn other_machines_are_refused() {
        let other = SocketAddr::from(([192, 0, 2, 1], 80));
        assert!(Wire::open(other).is_err());
    }
}

use super::*;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Names with their addresses; each look-up takes the next answer, the last one stays.
#[derive(Default)]
struct Names(Mutex<Vec<Vec<IpAddr>>>);

impl Names {
    fn of(answers: &[&[&str]]) -> Arc<Self> {
        let read = |list: &&[&str]| list.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(read).collect())))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

impl Lookup for Names {
    fn find(&self, _host: String) -> Found {
        let mut answers = self.0.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.remove(0)
        } else {
            answers.first().cloned().unwrap_or_default()
        };
        Box::pin(async move { Ok(answer) })
    }
}

fn outbound(names: &Arc<Names>, allowed: &[&str]) -> Outbound {
    let texts: Vec<_> = allowed.iter().map(|text| (*text).to_owned()).collect();
    let lookup: Arc<dyn Lookup> = Arc::<Names>::clone(names);
    let parts = OutboundParts {
        lookup,
        deadline: Duration::from_millis(300),
        ..OutboundParts::new(
            Guard::new(read_networks(&texts).unwrap()),
            "https://epicenter.test:7070/base",
        )
    };
    Outbound::new(parts).unwrap()
}

fn post(url: &str) -> Request {
    Request {
        method: Method::POST,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body: b"{}".to_vec(),
    }
}

fn text(outbound: &Outbound, outcome: &'static str) -> u64 {
    outbound
        .counter
        .get_or_create(&OutboundOutcome { outcome })
        .get()
}

/// Answers one request with these bytes, and then keeps the line open.
async fn answer_once(listener: &TcpListener, answer: &[u8]) -> (String, tokio::net::TcpStream) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !request.ends_with(b"{}") {
        let mut piece = [0; 1_024];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "the request ended early");
        request.extend_from_slice(&piece[..count]);
    }
    drop(stream.write_all(answer).await);
    (String::from_utf8(request).unwrap(), stream)
}

#[tokio::test]
async fn no_spelling_of_a_closed_address_gets_through() {
    // FIELD case 50
    let names = Names::of(&[&["127.0.0.1"]]);
    let outbound = outbound(&names, &[]);
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://127.1/",
        "http://127.0.0.1.:80/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://0/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00::]/",
        "http://localhost/",
        "http://localhost./",
        "http://LOCALHOST/",
        "http://１２７.0.0.1/",
        "https://10.0.0.8:8443/hook",
    ] {
        let checked = outbound.check(url).await.unwrap_err();
        assert!(
            matches!(checked, OutboundError::Blocked(_)),
            "{url}: {checked}"
        );
        let sent = outbound.send(post(url)).await.unwrap_err();
        assert_eq!(sent, checked, "{url}");
        assert!(sent.is_permanent());
        assert!(
            sent.to_string().contains("outbound.allowed_networks"),
            "{sent}"
        );
    }
    assert_eq!(text(&outbound, "blocked"), 18);
}

#[tokio::test]
async fn what_is_no_plain_web_address_is_refused_with_a_sentence() {
    let outbound = outbound(&Names::of(&[&["1.1.1.1"]]), &[]);
    for (url, expected) in [
        ("", "no URL"),
        ("example.com/hook", "no URL"),
        ("//example.com", "no URL"),
        ("http://[fe80::1%25eth0]/", "no URL"),
        ("http://exa mple.com/", "no URL"),
        ("http://", "no URL"),
        ("file:///etc/passwd", "must begin with"),
        ("gopher://1.1.1.1:25/", "must begin with"),
        ("https://user@example.com/", "name or password"),
        ("https://user:hush@example.com/", "name or password"),
        ("https://1.1.1.1@127.0.0.1/", "name or password"),
        ("https://epicenter.test:7070/hooks/x", "Epicenter itself"),
        ("https://EPICENTER.test.:7070/", "Epicenter itself"),
    ] {
        for error in [
            outbound.check(url).await.unwrap_err(),
            outbound.send(post(url)).await.unwrap_err(),
        ] {
            assert!(matches!(error, OutboundError::Url(_)), "{url}: {error}");
            assert!(error.to_string().contains(expected), "{url}: {error}");
            assert!(!error.to_string().contains("hush"));
        }
    }
    assert_eq!(text(&outbound, "bad_url"), 13);
    assert_eq!(outbound.check("https://epicenter.test/").await, Ok(()));
    assert_eq!(
        outbound.check(" https://example.com:8443/x?y ").await,
        Ok(())
    );
}

#[tokio::test]
async fn one_closed_address_among_open_ones_closes_the_name() {
    // FIELD case 51
    for addresses in [
        ["1.1.1.1", "10.0.0.1"],
        ["2606:4700::1111", "127.0.0.1"],
        ["::1", "1.1.1.1"],
    ] {
        let outbound = outbound(&Names::of(&[&addresses]), &[]);
        let error = outbound.check("https://mixed.test/").await.unwrap_err();
        assert!(matches!(error, OutboundError::Blocked(_)), "{addresses:?}");
        let error = outbound
            .send(post("https://mixed.test/"))
            .await
            .unwrap_err();
        assert!(matches!(error, OutboundError::Blocked(_)), "{addresses:?}");
    }
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_is_looked_at_anew() {
    // FIELD case 51: public when it was saved, private when it is used.
    let names = Names::of(&[&["1.1.1.1"], &["127.0.0.1"]]);
    let outbound = outbound(&names, &[]);
    assert_eq!(outbound.check("http://rebind.test/").await, Ok(()));
    let error = outbound
        .send(post("http://rebind.test/"))
        .await
        .unwrap_err();
    assert!(matches!(error, OutboundError::Blocked(_)), "{error}");
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // One look-up per connection: a second one would meet the closed address.
    let names = Names::of(&[&["127.0.0.1"], &["10.0.0.1"]]);
    let outbound = outbound(&names, &["127.0.0.1"]);
    let url = format!("http://pinned.test:{port}/hook");
    let reply = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok";
    let (answer, (request, _line)) =
        tokio::join!(outbound.send(post(&url)), answer_once(&listener, reply));
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (201, b"ok".as_slice())
    );
    assert_eq!(answer.headers["x-id"], "7");
    assert_eq!(names.left(), 1);
    assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("host: pinned.test"), "{request}");
    assert!(request.contains("user-agent: Epicenter\r\n"), "{request}");
    assert!(request.contains("epicenter-hops: 1\r\n"), "{request}");
    assert_eq!(text(&outbound, "2xx"), 1);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    // FIELD case 52
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let outbound = outbound(&Names::of(&[]), &["127.0.0.1"]);
    let reply =
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
    let url = format!("http://{address}/");
    let (answer, _line) = tokio::join!(outbound.send(post(&url)), answer_once(&listener, reply));
    assert_eq!(answer.unwrap().status, 302);
    assert_eq!(text(&outbound, "3xx"), 1);
}

#[tokio::test]
async fn an_endless_answer_is_read_to_the_limit_only() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let outbound = outbound(&Names::of(&[]), &["127.0.0.1"]);
    let mut reply = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".to_vec();
    reply.extend(vec![b'x'; OUTBOUND_ANSWER_BYTES + 10]);
    let url = format!("http://{address}/");
    let (answer, _line) = tokio::join!(outbound.send(post(&url)), answer_once(&listener, &reply));
    assert_eq!(answer.unwrap().body.len(), OUTBOUND_ANSWER_BYTES);
}

#[tokio::test]
async fn silence_and_closed_doors_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let outbound = outbound(&Names::of(&[&[]]), &["127.0.0.1"]);
    let url = format!("http://{address}/");
    let (answer, _line) = tokio::join!(outbound.send(post(&url)), answer_once(&listener, b""));
    assert_eq!(answer, Err(OutboundError::TimedOut("127.0.0.1".to_owned())));
    drop(listener);
    let error = outbound.send(post(&url)).await.unwrap_err();
    assert_eq!(error, OutboundError::Unreachable("127.0.0.1".to_owned()));
    let error = outbound
        .send(post("http://nowhere.test/"))
        .await
        .unwrap_err();
    assert_eq!(error, OutboundError::NotFound("nowhere.test".to_owned()));
    assert!(!error.is_permanent());
    for outcome in ["timed_out", "unreachable", "name_not_found"] {
        assert_eq!(text(&outbound, outcome), 1, "{outcome}");
    }
}

#[tokio::test]
async fn the_systems_names_are_guarded_too() {
    let outbound = Outbound::new(OutboundParts::new(Guard::default(), "")).unwrap();
    let error = outbound.check("http://localhost/").await.unwrap_err();
    assert!(matches!(error, OutboundError::Blocked(_)), "{error}");
}

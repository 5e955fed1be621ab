use super::*;

/// `before` → `after`; the same text where nothing is to be masked.
const TEXTS: &[(&str, &str)] = &[
    ("ask ann@example.com now", "ask [email] now"),
    (
        "<ann.lee+x@mail.example.co.uk>, bob@b.io.",
        "<[email]>, [email].",
    ),
    ("'ann@example.com'", "'[email]'"),
    (
        "mailto:ann@example.com?subject=x",
        "mailto:[email]?subject=x",
    ),
    ("/u/ann%40example.com/x", "/u/[email]/x"),
    ("jörg@müller.de", "[email]"),
    ("a@b@example.com", "a@[email]"),
    (
        "user ann@163.com and x@xn--80ak6aa92e.xn--p1ai",
        "user [email] and [email]",
    ),
    (
        "git@github.com:acme/shop.git",
        "git@github.com:acme/shop.git",
    ),
    (
        "npm:@sentry/browser @app.route(x)",
        "npm:@sentry/browser @app.route(x)",
    ),
    (
        "shop-api@1.3.9 lodash@4.17.21/index.js",
        "shop-api@1.3.9 lodash@4.17.21/index.js",
    ),
    (
        "logo@2x.png vendor@main.js root@localhost",
        "logo@2x.png vendor@main.js root@localhost",
    ),
    ("Foo@1a2b3c @ a@ @b", "Foo@1a2b3c @ a@ @b"),
    (
        "connect 203.0.113.9:5432 failed",
        "connect [ip]:5432 failed",
    ),
    ("from 10.0.0.1, 10.0.0.2", "from [ip], [ip]"),
    ("http://192.168.1.7/x 10.0.0.0/8.", "http://[ip]/x [ip]/8."),
    ("ip:162.217.75.90", "ip:[ip]"),
    (
        "1.2.3 1.2.3.4.5 v1.2.3.4 999.1.1.1",
        "1.2.3 1.2.3.4.5 v1.2.3.4 999.1.1.1",
    ),
    (
        "Chrome/75.0.3770.100 Edg/120.0.0.0",
        "Chrome/75.0.3770.100 Edg/120.0.0.0",
    ),
    (
        "version 1.2.3.4 lib-1.2.3.4.jar",
        "version 1.2.3.4 lib-1.2.3.4.jar",
    ),
    ("peer 2001:db8::1 port", "peer [ip] port"),
    (
        "[2001:db8::1]:443 and ::ffff:10.0.0.1",
        "[[ip]]:443 and [ip]",
    ),
    (
        "at 2001:0db8:85a3:0000:0000:8a2e:0370:7334: refused",
        "at [ip]: refused",
    ),
    ("ip:fe80::1%eth0", "ip:[ip]%eth0"),
    (
        "std::vec a::b Dad::Bad :: 12:34:56",
        "std::vec a::b Dad::Bad :: 12:34:56",
    ),
    (
        "00:1a:2b:3c:4d:5e 2026-01-06T10:00:01.904Z",
        "00:1a:2b:3c:4d:5e 2026-01-06T10:00:01.904Z",
    ),
    ("card 4111 1111 1111 1111.", "card [card]."),
    ("4111111111111111", "[card]"),
    (
        "pan=5500-0000-0000-0004, 3782 822463 10005",
        "pan=[card], [card]",
    ),
    (
        "4111111111111112 1767693601904 ?project=4509372106539008",
        "4111111111111112 1767693601904 ?project=4509372106539008",
    ),
    ("ghp_abcdefghijklmnopqrstuvwxyzABCDEFGHIJ", "[secret]"),
    ("key AKIAIOSFODNN7EXAMPLE used", "key [secret] used"),
    (
        "sntrys_eyJpYXQiOjE3MDB9_abcdefghijklmnopqrst+/=",
        "[secret]",
    ),
    (
        "xoxb-1234567890-abc, glpat-abcdefghij0123456789",
        "[secret], [secret]",
    ),
    (
        "Authorization: Bearer abcdef123456",
        "Authorization: Bearer [secret]",
    ),
    ("Basic YW5uOmh1bnRlcjI= is", "Basic [secret] is"),
    (
        "bearer token, basic authentication",
        "bearer token, basic authentication",
    ),
    (
        "jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "jwt [secret]",
    ),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x",
        "[secret] x",
    ),
    ("-----BEGIN PRIVATE KEY-----\nMIIE", "[secret]"),
    (
        "postgres://ann:hunter2@db.example.com/x",
        "postgres://[secret]@db.example.com/x",
    ),
    (
        "https://abc@o1.ingest.sentry.io/4509372106539008",
        "https://[secret]@o1.ingest.sentry.io/4509372106539008",
    ),
    (
        "https://x.io/a?token=abc&page=2#access_token=q",
        "https://x.io/a?token=[secret]&page=2#access_token=[secret]",
    ),
    (
        "login failed: password=hunter2, user=ann",
        "login failed: password=[secret], user=ann",
    ),
    ("password=\"hunter 2\" x", "password=\"[secret]\" x"),
    (
        "{'user': 'ann', 'password': 'hunter2'}",
        "{'user': 'ann', 'password': '[secret]'}",
    ),
    (
        "{\"api_key\":\"q\\\"r\",\"a\":1}",
        "{\"api_key\":\"[secret]\",\"a\":1}",
    ),
    (
        "user[password]=x&author=ann&tokens_count=3",
        "user[password]=[secret]&author=ann&tokens_count=3",
    ),
    (
        "password=[Filtered] token= a==b",
        "password=[Filtered] token= a==b",
    ),
    ("ann", "ann"),
    ("", ""),
];

#[test]
fn texts_are_masked_and_nothing_else_is() {
    for (before, after) in TEXTS {
        let masked = mask(before.as_bytes(), u16::MAX);
        let masked = masked.unwrap_or_else(|| before.as_bytes().to_vec());
        assert_eq!(String::from_utf8_lossy(&masked), *after, "{before}");
        assert_eq!(mask(after.as_bytes(), u16::MAX), None, "twice: {after}");
    }
}

#[test]
fn escapes_hide_nothing_and_stay() {
    for (before, after) in [
        (r"\nann@example.com\t\u00e9", r"\n[email]\t\u00e9"),
        (r"ann\u0040example.com", r"[email]"),
        (r"\u003cann@example.com\u003e", r"\u003c[email]\u003e"),
        (r"\u0031.2.3.4", r"[ip]"),
        (r"\ud83d\udca5 10.0.0.1 \ud83d", r"\ud83d\udca5 [ip] \ud83d"),
        (
            r#"{\"password\":\"x y\"}"#,
            r#"{\"password\":\"[secret]\"}"#,
        ),
    ] {
        let masked = mask_string(before.as_bytes(), marks::ALL, u16::MAX).unwrap();
        assert_eq!(String::from_utf8_lossy(&masked), after);
    }
}

//! How it can behave badly.

/// An answer that nobody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This status code, with Sentry's body for it.
    Status(u16),
    /// This status code, with `Retry-After` in seconds.
    RetryAfter(u16, i64),
    /// 429, with the seconds until its count begins anew.
    Limited(i64),
    /// 429, because too many were on their way at the same time.
    TooManyAtOnce,
    /// 429, and no header says anything.
    BareLimit,
    /// 200 and a web page.
    Page,
    /// 200 and a body that ends in the middle.
    CutOff,
    /// 200 and these bytes as JSON.
    Body(String),
    /// 302 to somewhere else.
    Elsewhere(String),
    /// A list whose next page is the page itself.
    Loop,
    /// A list whose pages never end.
    Endless,
    /// A body of so many bytes.
    Giant(usize),
    /// No answer; the connection is closed.
    HangUp,
    /// The right answer after so many milliseconds.
    Late(u64),
}

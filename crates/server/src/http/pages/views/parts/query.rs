//! Addresses with a query: the state of a list is in its address.

use std::fmt::Write as _;

/// Builds `/path?name=value&…`, leaving out empty values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    path: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Starts with a path of our own.
    pub fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            pairs: Vec::new(),
        }
    }

    /// Sets a value; an empty one removes the name.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The pairs, for hidden fields.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The address.
    pub fn href(&self) -> String {
        let mut address = self.path.clone();
        for (index, (name, value)) in self.pairs.iter().enumerate() {
            address.push(if index == 0 { '?' } else { '&' });
            encode(&mut address, name);
            address.push('=');
            encode(&mut address, value);
        }
        address
    }
}

/// A text as one segment of a path: every letter that could mean something is encoded.
pub fn segment(text: &str) -> String {
    let mut out = String::new();
    encode(&mut out, text);
    out.replace('+', "%20")
}

fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                // Writing to a string cannot fail.
                let _: std::fmt::Result = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_of_a_path_holds_everything() {
        assert_eq!(segment("shop@1.4+5 a/b?"), "shop%401.4%2B5%20a%2Fb%3F");
    }

    #[test]
    fn values_are_encoded_and_empty_ones_left_out() {
        let query = Query::new("/incidents")
            .set("status", "open")
            .set("q", "a b&c=é\"<>")
            .set("service", "");
        assert_eq!(
            query.href(),
            "/incidents?status=open&q=a+b%26c%3D%C3%A9%22%3C%3E"
        );
        assert_eq!(
            query.clone().set("status", "").set("q", "").href(),
            "/incidents"
        );
        assert_eq!(query.set("status", "all").pairs().len(), 2);
    }
}

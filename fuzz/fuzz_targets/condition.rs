//! Any text as a condition: reading it never panics, and what is taken evaluates without an error,
//! says why, is stored and read back the same, and is written again by the form that it fits.

#![no_main]

use epicenter_domain::routing::condition::{Condition, Form};
use epicenter_domain::routing::subject::Subject;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(condition) = Condition::parse(text) else {
        return;
    };
    let subject = Subject {
        title: "ValueError: bad cart".to_owned(),
        message: "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!".to_owned(),
        project: "shop-api".to_owned(),
        hour: 14,
        tags: [("customer".to_owned(), "acme".to_owned())].into(),
        ..Subject::default()
    };
    let holds = condition.holds(&subject).expect("a checked condition has an answer");
    assert!(!condition.why(&subject).is_empty());
    let stored = serde_json::to_string(&condition).expect("a condition is a text");
    let read: Condition = serde_json::from_str(&stored).expect("what was taken is taken again");
    assert_eq!(read, condition);
    if let Some(form) = Form::of(&condition) {
        // The form's own spelling may be longer than what a condition may be.
        if let Ok(written) = form.condition() {
            assert_eq!(written.holds(&subject), Ok(holds));
            assert_eq!(Form::of(&written), Some(form));
        }
    }
});

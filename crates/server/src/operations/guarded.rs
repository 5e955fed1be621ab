//! A panic in the pure core must not take the process along.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does `work`; a panic becomes a sentence that begins with `what`.
pub(super) fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        format!("{what} it stopped with: {text}")
    })
}

//! The named limits of the domain, each with its reason.

/// Nesting of a JSON body that is still read as JSON. Sentry itself nests about 20 deep; what is
/// deeper is treated as text, so that no reader's stack can be driven over (FIELD case 12).
pub const JSON_DEPTH: usize = 512;

//! What is dropped and where the rest goes: versions, what was said about incidents, CODEOWNERS.

pub mod owner_files;
pub mod routed;
pub mod versions;

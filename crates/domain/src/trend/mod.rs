//! What counts over time tell: how soon incidents were taken and solved, and what grew or fell.

pub mod bucket;
pub mod handling;
pub mod movers;

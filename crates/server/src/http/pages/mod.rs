//! The pages: what a browser sees.

pub mod assets;
pub mod views;

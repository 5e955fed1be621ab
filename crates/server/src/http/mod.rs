//! The way in.

pub mod pages;

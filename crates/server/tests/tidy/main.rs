//! The code base checks its own shape: what the compiler cannot see and reviewers forget.

#[cfg(test)]
mod dependencies;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod leftovers;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod rust_text;
#[cfg(test)]
mod shape;
#[cfg(test)]
mod store;
#[cfg(test)]
mod tree;

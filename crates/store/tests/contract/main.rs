//! What every function of the store promises, on each database that it knows.
//!
//! A case is an async function that takes an open [`Database`]; `store_contract!` makes one test
//! per database of it.

mod support;

mod schema;

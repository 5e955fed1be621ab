//! The server as its users meet it: through its doors, on both engines, and when it is killed.

#[cfg(test)]
#[macro_use]
mod support;

#[cfg(test)]
mod api;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod journeys;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod python_sdk;
#[cfg(test)]
mod sentry_cli;

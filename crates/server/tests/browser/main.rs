//! The pages as a person sees them: the real server, and a real Chromium.

#[cfg(test)]
mod changes;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod error_log;
#[cfg(test)]
mod first_run;
#[cfg(test)]
mod health;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod incident;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod integrations;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod plain_forms;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
mod trends;

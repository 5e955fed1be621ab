//! The text model that finds what means the same in other words.

use epicenter_domain::observation::vector::MOST_DIMENSIONS;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A text model behind an address that speaks as `OpenAI`'s does (`POST …/embeddings`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingsConfig {
    /// Where it answers, up to `/v1`; empty: the memory is searched by words only.
    pub url: String,
    /// Name of the model.
    pub model: String,
    /// What proves us there; may be empty.
    pub key: HiddenKey,
    /// Numbers of a vector; 0: as many as the model gives.
    pub dimensions: u32,
    /// Records that the model is asked about on one day, at most.
    pub records_per_day: u32,
}

impl Default for EmbeddingsConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            model: String::new(),
            key: HiddenKey::default(),
            dimensions: 0,
            records_per_day: 20_000,
        }
    }
}

impl EmbeddingsConfig {
    /// Is there a model?
    pub fn is_on(&self) -> bool {
        !self.url.is_empty()
    }

    /// The model and its numbers: vectors of another name are not compared.
    pub fn name(&self) -> String {
        format!("{}#{}", self.model, self.dimensions)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !self.is_on() {
            return Ok(());
        }
        let is_http = self.url.starts_with("http://") || self.url.starts_with("https://");
        if !is_http {
            return Err("memory.embeddings.url: must begin with http:// or https://".to_owned());
        }
        if self.model.is_empty() {
            return Err("memory.embeddings.model: must name a model".to_owned());
        }
        let most = u32::try_from(MOST_DIMENSIONS).unwrap_or(u32::MAX);
        if self.dimensions > most {
            return Err(format!(
                "memory.embeddings.dimensions: must be at most {most}"
            ));
        }
        if self.records_per_day == 0 {
            return Err("memory.embeddings.records_per_day: must be at least 1".to_owned());
        }
        Ok(())
    }
}

/// A key that is never shown: not in logs, not in a written configuration.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct HiddenKey(String);

impl HiddenKey {
    /// Wraps a key.
    pub fn new(key: &str) -> Self {
        Self(key.to_owned())
    }

    /// The key itself, to be sent.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { "[secret]" }
    }
}

impl fmt::Debug for HiddenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for HiddenKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_shown_and_a_model_is_checked() {
        let config = EmbeddingsConfig {
            url: "https://models.example/v1".to_owned(),
            model: "small".to_owned(),
            key: HiddenKey::new("sk-very-secret"),
            ..EmbeddingsConfig::default()
        };
        let shown = format!("{config:?} {}", toml::to_string(&config).unwrap());
        assert!(
            !shown.contains("very") && shown.contains("[secret]"),
            "{shown}"
        );
        assert_eq!(config.check(), Ok(()));
        assert_eq!(EmbeddingsConfig::default().check(), Ok(()));
        for (wrong, words) in [
            (
                EmbeddingsConfig {
                    url: "models.example".to_owned(),
                    ..config.clone()
                },
                "http",
            ),
            (
                EmbeddingsConfig {
                    model: String::new(),
                    ..config.clone()
                },
                "name a model",
            ),
            (
                EmbeddingsConfig {
                    dimensions: 9_999,
                    ..config.clone()
                },
                "at most 4096",
            ),
            (
                EmbeddingsConfig {
                    records_per_day: 0,
                    ..config.clone()
                },
                "at least 1",
            ),
        ] {
            assert!(wrong.check().unwrap_err().contains(words));
        }
    }
}

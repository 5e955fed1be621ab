//! What became of a deploy: a word and the sentence that says why.

use super::DeployStatus;

/// What is known of a deploy afterwards.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aftermath {
    /// How far it is.
    pub status: DeployStatus,
    /// Was it taken away by a rollback?
    pub is_rolled_back: bool,
    /// Is it a rollback itself?
    pub is_rollback: bool,
    /// Incidents that began after it.
    pub incident_count: i64,
}

/// What became of a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeployVerdict {
    /// It is under way.
    Running,
    /// It never became live.
    Failed,
    /// It was taken back.
    RolledBack,
    /// Something broke after it.
    Suspicious,
    /// Nothing is known against it.
    Fine,
}

impl DeployVerdict {
    /// The word in classes and for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Failed => "failed",
            Self::RolledBack => "rolled_back",
            Self::Suspicious => "suspicious",
            Self::Fine => "fine",
        }
    }
}

/// Judges a deploy by what is known of it.
pub fn judge(after: &Aftermath) -> (DeployVerdict, String) {
    let began = match after.incident_count {
        ..=0 => None,
        1 => Some("1 incident began after it".to_owned()),
        many => Some(format!("{many} incidents began after it")),
    };
    match (after.status, began) {
        (DeployStatus::Failed, _) => (DeployVerdict::Failed, "It did not become live.".to_owned()),
        (_, Some(began)) if after.is_rolled_back => (
            DeployVerdict::RolledBack,
            format!("A later deploy went back behind it; {began}."),
        ),
        (_, None) if after.is_rolled_back => (
            DeployVerdict::RolledBack,
            "A later deploy went back behind it.".to_owned(),
        ),
        (_, Some(began)) if after.is_rollback => (
            DeployVerdict::Suspicious,
            format!("{began}. It is a rollback: look also at what it left in place."),
        ),
        (_, Some(began)) => (DeployVerdict::Suspicious, format!("{began}.")),
        (DeployStatus::Started, None) => (
            DeployVerdict::Running,
            "It was announced; its end has not been told.".to_owned(),
        ),
        (DeployStatus::Succeeded | DeployStatus::Inactive, None) => (
            DeployVerdict::Fine,
            "No incident began after it.".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deploy_is_judged_by_what_came_after_it() {
        let live = Aftermath::default();
        for (after, verdict, words) in [
            (live, DeployVerdict::Fine, "No incident"),
            (
                Aftermath {
                    incident_count: 1,
                    ..live
                },
                DeployVerdict::Suspicious,
                "1 incident began after it.",
            ),
            (
                Aftermath {
                    incident_count: 2,
                    is_rolled_back: true,
                    ..live
                },
                DeployVerdict::RolledBack,
                "went back behind it; 2 incidents began",
            ),
            (
                Aftermath {
                    is_rolled_back: true,
                    ..live
                },
                DeployVerdict::RolledBack,
                "went back behind it.",
            ),
            (
                Aftermath {
                    incident_count: 3,
                    is_rollback: true,
                    ..live
                },
                DeployVerdict::Suspicious,
                "It is a rollback",
            ),
            (
                Aftermath {
                    status: DeployStatus::Started,
                    ..live
                },
                DeployVerdict::Running,
                "announced",
            ),
            (
                Aftermath {
                    status: DeployStatus::Failed,
                    incident_count: 1,
                    ..live
                },
                DeployVerdict::Failed,
                "did not become live",
            ),
        ] {
            let (found, sentence) = judge(&after);
            assert_eq!(found, verdict, "{after:?}");
            assert!(sentence.contains(words), "{sentence}");
            assert!(sentence.ends_with('.') && !found.as_str().is_empty());
        }
    }
}

//! How deploys follow each other, and what a rollback is.

use super::DeployStatus;
use crate::time::Time;

/// One deploy of a line, as far as its place in the line goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Our id.
    pub id: i64,
    /// Version, when named.
    pub version: Option<String>,
    /// Commit, when named.
    pub sha: Option<String>,
    /// How far it is.
    pub status: DeployStatus,
    /// When it became (or will become) live.
    pub at: Time,
}

/// Where a deploy stands in its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The deploy that was live before it.
    pub previous_id: Option<i64>,
    /// The earlier deploy of the same thing that it goes back to; set for rollbacks only.
    pub rollback_to_id: Option<i64>,
}

/// The name of a line: deploys of the same thing to the same place follow each other.
pub fn line(
    environment: &str,
    repository_id: Option<i64>,
    service_id: Option<i64>,
    project: Option<&str>,
) -> String {
    match (repository_id, project, service_id) {
        (Some(id), Some(project), _) => format!("{environment}|r{id}|p{project}"),
        (Some(id), None, _) => format!("{environment}|r{id}"),
        (None, Some(project), _) => format!("{environment}|p{project}"),
        (None, None, Some(id)) => format!("{environment}|s{id}"),
        (None, None, None) => environment.to_owned(),
    }
}

/// Finds the place of `deploy` among `earlier` deploys of its line, newest first. What failed was
/// never live and does not count. Going back means: the same version or commit was live before, and
/// something else was live in between; the same thing deployed twice in a row is no rollback.
pub fn place(deploy: &Stop, earlier: &[Stop]) -> Place {
    let live = |stop: &&Stop| {
        stop.id != deploy.id
            && stop.at <= deploy.at
            && matches!(
                stop.status,
                DeployStatus::Succeeded | DeployStatus::Inactive
            )
    };
    let mut before = earlier.iter().filter(live);
    let Some(previous) = before.next() else {
        return Place::default();
    };
    let back = if is_same(previous, deploy) {
        None
    } else {
        before.find(|stop| is_same(stop, deploy))
    };
    Place {
        previous_id: Some(previous.id),
        rollback_to_id: back.map(|stop| stop.id),
    }
}

/// Two names of commits are the same commit when one begins with the other (short names).
pub fn same_sha(one: &str, other: &str) -> bool {
    let shorter = one.len().min(other.len());
    shorter >= 7 && (one.starts_with(other) || other.starts_with(one))
}

fn is_same(one: &Stop, other: &Stop) -> bool {
    match (&one.sha, &other.sha) {
        (Some(mine), Some(theirs)) => same_sha(mine, theirs),
        _ => one.version.is_some() && one.version == other.version,
    }
}

/// The commit that a version names: many teams release the SHA itself, or end the version with it
/// (`web@1.4.0+9fceb02`).
pub fn sha_of_version(version: &str) -> Option<String> {
    let last = version.rsplit(['@', '+', '-', '_', ':']).next()?;
    let has_letter = last.bytes().any(|byte| byte.is_ascii_alphabetic());
    super::sha(last).filter(|_| has_letter || last.len() == 40)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(id: i64, version: &str, status: DeployStatus) -> Stop {
        Stop {
            id,
            version: Some(version.to_owned()),
            sha: None,
            status,
            at: Time(id * 1_000),
        }
    }

    #[test]
    fn a_rollback_is_an_older_version_deployed_again() {
        use DeployStatus::{Failed, Inactive, Started, Succeeded};
        type Earlier = &'static [(i64, &'static str, DeployStatus)];
        let cases: [(Earlier, &str, Option<i64>, Option<i64>); 7] = [
            (&[], "1", None, None),
            (&[(1, "1", Succeeded)], "2", Some(1), None),
            (&[(1, "1", Succeeded)], "1", Some(1), None),
            (
                &[(2, "2", Succeeded), (1, "1", Succeeded)],
                "1",
                Some(2),
                Some(1),
            ),
            (
                &[(2, "2", Inactive), (1, "1", Inactive)],
                "1",
                Some(2),
                Some(1),
            ),
            (&[(2, "2", Failed), (1, "1", Succeeded)], "1", Some(1), None),
            (
                &[(2, "2", Started), (1, "1", Succeeded)],
                "3",
                Some(1),
                None,
            ),
        ];
        for (earlier, version, previous_id, rollback_to_id) in cases {
            let earlier: Vec<Stop> = earlier
                .iter()
                .map(|(id, version, status)| stop(*id, version, *status))
                .collect();
            let place = place(&stop(9, version, Succeeded), &earlier);
            let expected = Place {
                previous_id,
                rollback_to_id,
            };
            assert_eq!(place, expected, "{earlier:?} then {version}");
        }
    }

    #[test]
    fn a_deploy_of_the_future_is_not_before_this_one() {
        let late = stop(20, "2", DeployStatus::Succeeded);
        let early = stop(1, "1", DeployStatus::Succeeded);
        let mine = stop(9, "3", DeployStatus::Succeeded);
        assert_eq!(place(&mine, &[late, early]).previous_id, Some(1));
    }

    #[test]
    fn a_version_may_name_its_commit() {
        let full = "9fceb02d0ae598e95dc970b74767f19372d61af8";
        assert_eq!(sha_of_version(full).as_deref(), Some(full));
        assert_eq!(
            sha_of_version("web@1.4.0+9fceb02").as_deref(),
            Some("9fceb02")
        );
        assert_eq!(sha_of_version("web@2026.01.07"), None);
        assert_eq!(sha_of_version("build-20260107"), None);
    }
}

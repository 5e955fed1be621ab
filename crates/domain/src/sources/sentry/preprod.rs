//! `preprod_artifact.*` (SENTRY-PROTOCOL §2.8): about a build, not about an issue. An action that
//! ends in `completed` may report a failure.

use super::hook::{Answer, Hook, Understood};
use super::identity;
use super::resolution::remark;
use crate::signal::Fact;

/// Reads the end of a build's analysis or distribution.
pub(super) fn read(hook: &Hook<'_>) -> Answer {
    if hook.action.is_empty() {
        return hook.refuse_action();
    }
    let data = hook.data;
    let state = data.get("state").name().unwrap_or_default();
    let build_id = data.get("buildId").id();
    let identity = build_id.as_deref().map(|build| {
        let parts = [build, &hook.action, &state];
        identity::of(&hook.resource, &parts)
    });
    let error = data.first(&["errorMessage", "errorCode"]).name();
    let failed = state.eq_ignore_ascii_case("failed") || error.is_some();
    let step = hook.action.trim_end_matches("_completed").replace('_', " ");
    let what = [
        data.path(&["appInfo", "name"]).name(),
        data.path(&["appInfo", "version"]).name(),
        data.get("platform")
            .name()
            .map(|platform| format!("for {platform}")),
    ];
    let what: Vec<String> = what.into_iter().flatten().collect();
    let of = match (what.is_empty(), &build_id) {
        (false, _) => format!(" of {}", what.join(" ")),
        (true, Some(build)) => format!(" of build {build}"),
        (true, None) => String::new(),
    };
    let end = match (failed, error) {
        (true, Some(error)) => format!("failed: {error}"),
        (true, None) => "failed".to_owned(),
        (false, _) => "completed".to_owned(),
    };
    let line =
        |label: &str, value: Option<String>| value.map(|value| format!("- {label}: {value}"));
    let body: Vec<String> = [
        line("project", data.get("projectSlug").name()),
        line("build", build_id),
        line("commit", data.path(&["gitInfo", "headSha"]).name()),
        line("branch", data.path(&["gitInfo", "headRef"]).name()),
        line("pull request", data.path(&["gitInfo", "prNumber"]).name()),
        line("download size", data.get("downloadSize").name()),
        line("install size", data.get("installSize").name()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let kind = format!("{}.{}", hook.resource, hook.action);
    Ok(Understood {
        identity,
        occurred_at: None,
        actor: None,
        fact: Fact::Remark(remark(kind, &format!("The {step}{of} {end}"), &body)),
    })
}

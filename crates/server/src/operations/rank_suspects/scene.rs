//! The incident and its commits as the ranking wants to see them.

use super::gather::Gathered;
use epicenter_domain::change::link::same_sha;
use epicenter_domain::change::mapping::{Mapping, map, tidy};
use epicenter_domain::incident::Incident;
use epicenter_domain::signal::{EventDetail, Frame};
use epicenter_domain::suspect::{Candidate, Scene, SceneException, SceneFrame};

/// What is known of the incident.
pub(super) fn scene(
    incident: &Incident,
    detail: Option<&EventDetail>,
    found: &Gathered,
    mappings: &[Mapping],
) -> Scene {
    let mut scene = Scene {
        title: incident.title.clone(),
        culprit: incident.culprit.clone(),
        release: incident.release.clone(),
        environment: incident.environment.clone(),
        first_seen: Some(incident.first_seen_at),
        deployed_at: found.deploy.as_ref().map(|deploy| deploy.at),
        deployed_sha: found.live_sha(),
        ..Scene::default()
    };
    let Some(detail) = detail else {
        return scene;
    };
    scene.transaction = detail
        .tags
        .iter()
        .find(|(key, _)| key == "transaction")
        .map(|(_, value)| value.clone());
    // Sentry lists causes first and callers first; the ranking begins where it crashed.
    for (index, exception) in detail.exceptions.iter().rev().enumerate() {
        scene.exceptions.push(SceneException {
            kind: exception.kind.clone(),
            value: exception.value.clone(),
        });
        let frames = exception.frames.iter().rev();
        scene
            .frames
            .extend(frames.map(|frame| scene_frame(frame, index, mappings)));
    }
    if scene.frames.is_empty() {
        let frames = detail.thread_frames.iter().rev();
        scene
            .frames
            .extend(frames.map(|frame| scene_frame(frame, 0, mappings)));
    }
    scene
}

fn scene_frame(frame: &Frame, exception_index: usize, mappings: &[Mapping]) -> SceneFrame {
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let mapped = [&frame.filename, &frame.abs_path]
        .into_iter()
        .filter(|path| !path.is_empty())
        .find_map(|path| map(mappings, path));
    let path = mapped
        .map(|(_, path)| path)
        .or_else(|| some(&frame.filename).map(|path| tidy(&path)))
        .or_else(|| some(&frame.abs_path).map(|path| tidy(&path)));
    SceneFrame {
        module: some(&frame.module),
        function: some(&frame.function),
        path,
        lineno: frame.line.and_then(|line| u32::try_from(line).ok()),
        in_app: frame.in_app,
        context_line: some(&frame.context_line),
        exception_index,
    }
}

/// The commits, in the order in which they were gathered.
pub(super) fn candidates(incident: &Incident, found: &Gathered) -> Vec<Candidate> {
    let deploy = found.deploy.as_ref();
    let undone = |sha: &str| {
        // A rollback took away what the deploy before it had brought.
        let rolled_back = deploy.is_some_and(|deploy| deploy.rollback_to_id.is_some());
        let previous = found
            .previous
            .as_ref()
            .and_then(|previous| previous.sha.as_ref());
        rolled_back && previous.is_some_and(|previous| same_sha(previous, sha))
    };
    found
        .commits
        .iter()
        .map(|commit| Candidate {
            sha: commit.fact.sha.clone(),
            message: commit.fact.message.clone(),
            author_key: commit.fact.author_key.clone(),
            authored_at: commit.fact.authored_at,
            committed_at: commit.fact.committed_at,
            merge: commit
                .fact
                .is_merge
                .unwrap_or_else(|| commit.fact.message.starts_with("Merge ")),
            files: commit.fact.files.clone().unwrap_or_default(),
            deploy: deploy.map(|deploy| deploy.id),
            deployed_at: deploy.map(|deploy| deploy.at),
            release: incident.release.clone().filter(|_| found.has_release()),
            environment: deploy.map(|deploy| deploy.environment.clone()),
            reverts: commit.reverts_sha.clone(),
            rolled_back: undone(&commit.fact.sha),
        })
        .collect()
}

//! What clones on this machine add to what was sent: the commits of the range, the lines that each
//! changed, and who wrote the code of the stack.

use super::Case;
use super::gather::short;
use crate::app::App;
use crate::clients::git::{self, GitError, LocalClone, Place, Range};
use crate::limits::{BLAMED_FRAMES, CLONE_COMMITS, WITHOUT_BEGINNING};
use epicenter_domain::change::CommitFact;
use epicenter_domain::change::mapping::{Mapping, map, propose};
use epicenter_domain::scrub::{Rules, scrub};
use epicenter_domain::suspect::{Blame, Scene};
use epicenter_domain::time::Time;
use epicenter_store::StoreError;
use epicenter_store::changes::commits::{self, CommitRecord};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A clone of a repository.
#[derive(Clone)]
struct Known {
    repository_id: i64,
    name: String,
    path: String,
}

/// What the clones are asked first.
struct Question {
    clones: Vec<Known>,
    live: Option<String>,
    previous: Option<String>,
    /// How many commits up to the live one are wanted, if nobody listed them.
    range: Option<usize>,
    frames: Vec<Place>,
}

/// What they answer.
#[derive(Default)]
struct Answer {
    /// The clone that has the live commit.
    home: Option<Known>,
    range: Option<Range>,
    blame: Blame,
    gaps: Vec<String>,
}

/// Asks the clones of a case's repositories. Completes its commits; answers who wrote the code.
pub(super) async fn consult(app: &App, case: &mut Case, now: Time) -> Result<Blame, StoreError> {
    let question = question(case);
    let clones = question.clones.clone();
    let answer = if clones.is_empty() {
        Ok(Answer::default())
    } else {
        app.clones.run(move || survey(&question)).await
    };
    let answer = answer.unwrap_or_else(|error| Answer {
        gaps: vec![error.to_string()],
        ..Answer::default()
    });
    case.found.gaps.extend(answer.gaps);
    match (answer.home, answer.range) {
        (Some(home), Some(range)) if !range.shas.is_empty() => {
            case.found.lost.clear();
            case.found.is_of_release = case.found.event_sha.is_some();
            if range.is_cut && case.found.previous.is_some() {
                case.found.gaps.push(format!(
                    "The clone lists more commits since the deploy before than are compared, or \
                     not all of them: the newest {} are.",
                    range.shas.len()
                ));
            }
            case.found.commits = of_range(app, case, (&home, &range.shas), now).await?;
        }
        _ => with_lines(app, case, &clones, now).await?,
    }
    let lost = std::mem::take(&mut case.found.lost);
    case.found.gaps.extend(lost);
    Ok(answer.blame)
}

fn question(case: &Case) -> Question {
    let found = &case.found;
    let with_clone = found.repositories.iter().filter_map(|one| {
        Some(Known {
            repository_id: one.id,
            name: one.name.clone(),
            path: one.clone_path.clone()?,
        })
    });
    let mut clones: Vec<Known> = with_clone.collect();
    // The repository that the deploy names is asked first.
    let named = found.deploy.as_ref().and_then(|one| one.repository_id);
    clones.sort_by_key(|one| Some(one.repository_id) != named);
    let previous = found.previous.as_ref().and_then(|one| one.sha.clone());
    let range = match (&previous, found.is_listed) {
        (_, true) => None,
        (Some(_), false) => Some(CLONE_COMMITS),
        (None, false) => Some(WITHOUT_BEGINNING),
    };
    Question {
        clones,
        live: found.live_sha(),
        previous,
        range,
        frames: places(&case.scene()),
    }
}

/// The frames that can be blamed, from the crash on.
fn places(scene: &Scene) -> Vec<Place> {
    let frames = scene.frames.iter().enumerate();
    let own = frames.filter(|(_, frame)| frame.in_app);
    let places = own.filter_map(|(index, frame)| {
        Some(Place {
            frame: index,
            path: frame.path.clone()?,
            line: frame.lineno?,
            function: frame.function.clone().unwrap_or_default(),
        })
    });
    places.take(BLAMED_FRAMES).collect()
}

fn survey(question: &Question) -> Answer {
    let mut answer = Answer::default();
    let mut strangers = Vec::new();
    for known in &question.clones {
        let clone = match git::open(&known.path) {
            Ok(clone) => clone,
            Err(error) => {
                answer.gaps.push(told(known, &error));
                continue;
            }
        };
        let Some(live) = &question.live else {
            continue;
        };
        match clone.resolve(live) {
            Ok(live) => {
                look(question, (known, &clone, &live), &mut answer);
                return answer;
            }
            Err(error) => strangers.push(told(known, &error)),
        }
    }
    // The live commit is in none of them.
    answer.gaps.append(&mut strangers);
    answer
}

fn told(known: &Known, error: &GitError) -> String {
    format!("Clone of {}: {error}", known.name)
}

/// Looks at the clone that has the live commit.
fn look(question: &Question, (known, clone, live): (&Known, &LocalClone, &str), to: &mut Answer) {
    if let Some(most) = question.range {
        match clone.range(question.previous.as_deref(), live, most) {
            Ok(range) => to.range = Some(range),
            Err(error) => to.gaps.push(told(known, &error)),
        }
        if question.previous.is_none() {
            to.gaps.push(format!(
                "What was live before {} is unknown; the newest {most} commits up to it are \
                 compared.",
                short(live)
            ));
        }
    }
    let mut rules = None;
    for place in &question.frames {
        let blamed = match clone.blame(live, place) {
            Err(GitError::NoPath { .. }) => {
                let rules = rules.get_or_insert_with(|| by_ends(question, clone, live));
                let Some((_, path)) = map(rules, &place.path) else {
                    continue;
                };
                let place = Place {
                    path,
                    ..place.clone()
                };
                clone.blame(live, &place)
            }
            blamed => blamed,
        };
        match blamed {
            Ok(frame) => to.blame.frames.push(frame),
            // Files of others, generated ones, and those that were replaced on the way to the
            // server: nothing that could be mended.
            Err(GitError::NoPath { .. } | GitError::NotText(_) | GitError::TooLarge { .. }) => {}
            Err(error) => to.gaps.push(told(known, &error)),
        }
    }
    to.gaps.dedup();
    to.home = Some(known.clone());
}

/// Where frames without a code mapping are found: by equal ends of the paths, where only one file
/// fits. For this blame alone; a rule that holds is a person's to say.
fn by_ends(question: &Question, clone: &LocalClone, live: &str) -> Vec<Mapping> {
    let files = clone.paths(live).unwrap_or_default();
    let frames = question.frames.iter().map(|place| place.path.as_str());
    let rules = propose(frames, &files).into_iter().map(|rule| Mapping {
        repository_id: 0,
        stack_prefix: rule.stack_prefix,
        source_prefix: rule.source_prefix,
    });
    rules.collect()
}

/// Is it unknown which lines the commit changed?
fn lacks_lines(commit: &CommitFact) -> bool {
    let files = commit.files.as_deref();
    let is_merge = commit.is_merge == Some(true);
    !is_merge && files.is_none_or(|files| files.iter().all(|file| file.hunks.is_empty()))
}

/// The commits of a range; those that are not known yet, or not well enough, are stored.
async fn of_range(
    app: &App,
    case: &Case,
    (home, shas): (&Known, &[String]),
    now: Time,
) -> Result<Vec<CommitRecord>, StoreError> {
    let mut tx = app.database.read().await?;
    let known = commits::by_shas(&mut tx, home.repository_id, shas).await?;
    tx.rollback().await?;
    let is_whole = |sha: &String| {
        let commit = known.iter().find(|one| one.fact.sha == *sha);
        commit.is_some_and(|one| !lacks_lines(&one.fact))
    };
    let missing = shas.iter().filter(|sha| !is_whole(sha)).cloned().collect();
    store(app, case.incident.workspace_id, (home, missing), now).await?;
    let mut tx = app.database.read().await?;
    let known = commits::by_shas(&mut tx, home.repository_id, shas).await?;
    tx.rollback().await?;
    let mut known: BTreeMap<String, CommitRecord> = known
        .into_iter()
        .map(|one| (one.fact.sha.clone(), one))
        .collect();
    Ok(shas.iter().filter_map(|sha| known.remove(sha)).collect())
}

/// Completes commits that came without the lines that they changed.
async fn with_lines(
    app: &App,
    case: &mut Case,
    clones: &[Known],
    now: Time,
) -> Result<(), StoreError> {
    for clone in clones {
        let commits = case.found.commits.iter();
        let own = commits.filter(|one| one.repository_id == clone.repository_id);
        let lacking = own.filter(|one| lacks_lines(&one.fact));
        let shas: Vec<String> = lacking.map(|one| one.fact.sha.clone()).collect();
        let shas = shas.into_iter().take(CLONE_COMMITS).collect();
        store(app, case.incident.workspace_id, (clone, shas), now).await?;
    }
    if !clones.is_empty() {
        let ids: Vec<i64> = case.found.commits.iter().map(|one| one.id).collect();
        let mut tx = app.database.read().await?;
        case.found.commits = commits::by_ids(&mut tx, &ids).await?;
        tx.rollback().await?;
    }
    Ok(())
}

/// Reads commits out of a clone and stores them. Those that it does not have stay as they are.
async fn store(
    app: &App,
    workspace_id: i64,
    (clone, shas): (&Known, Vec<String>),
    now: Time,
) -> Result<(), StoreError> {
    if shas.is_empty() {
        return Ok(());
    }
    let (path, rules) = (clone.path.clone(), app.scrub_rules.clone());
    let read = move || -> Vec<CommitFact> {
        let Ok(clone) = git::open(&path) else {
            return Vec::new();
        };
        let found = shas.iter().filter_map(|sha| clone.commit(sha).ok());
        found.map(|fact| scrubbed(fact, &rules)).collect()
    };
    let facts = app.clones.run(read).await.unwrap_or_default();
    if facts.is_empty() {
        return Ok(());
    }
    let mut tx = app.database.write_state().await?;
    let next = || app.ids.next(now);
    let place = (workspace_id, clone.repository_id);
    commits::save(&mut tx, place, &facts, &next, now).await?;
    tx.commit().await
}

/// The commit without personal data: what a clone or a host's API brings meets the rules of what is
/// sent.
pub(in crate::operations) fn scrubbed(mut fact: CommitFact, rules: &Rules) -> CommitFact {
    let clean = |text: &mut String| {
        let cleaned = match scrub(text.as_bytes(), rules) {
            Cow::Borrowed(_) => return,
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        *text = cleaned;
    };
    clean(&mut fact.message);
    clean(&mut fact.author);
    let files = fact.files.iter_mut().flatten();
    for hunk in files.flat_map(|file| &mut file.hunks) {
        hunk.added.iter_mut().for_each(clean);
        hunk.removed.iter_mut().for_each(clean);
        hunk.signature.iter_mut().for_each(clean);
    }
    fact
}

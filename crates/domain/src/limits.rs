//! The named limits of the domain, each with its reason.

/// Nesting of a JSON body that is still read as JSON. Sentry itself nests about 20 deep; what is
/// deeper is treated as text, so that no reader's stack can be driven over (FIELD case 12).
pub const JSON_DEPTH: usize = 512;

/// Values kept of one JSON body. A large real event has some 60,000; without a limit a body of
/// ten million commas would take a hundred times its size in memory.
pub const WIRE_VALUES: u32 = 400_000;

/// Entries read of one page of a list of Sentry's API: ten times what it sends at most.
pub const API_LIST: usize = 1_000;
/// Characters of a title: Sentry itself stops at 255, other senders do not.
pub const TITLE_CHARS: usize = 1_024;
/// Bytes of a message, an exception's value, a comment: what a page can show with profit.
pub const MESSAGE_BYTES: usize = 8 * 1_024;
/// Characters of a name: release (Sentry's own limit is 200), environment, project, person, rule.
pub const NAME_CHARS: usize = 256;
/// Characters of an id; real ones have at most 36.
pub const ID_CHARS: usize = 128;
/// Characters of a resource or action word shown back to people.
pub const WORD_CHARS: usize = 64;
/// Characters of a link; browsers and chat tools stop at about this length.
pub const LINK_CHARS: usize = 2_048;
/// Characters of a function, a module, a file path.
pub const PATH_CHARS: usize = 512;
/// Characters of one line of source: minified bundles have megabytes in one line.
pub const SOURCE_LINE_CHARS: usize = 512;
/// Source lines kept on each side of a frame's line; SDKs send five.
pub const SOURCE_LINES: usize = 10;
/// Exceptions kept of one chain, the raised ones; Sentry keeps 50.
pub const EXCEPTIONS: usize = 50;
/// Frames kept of one stack, the newest; Sentry keeps 250.
pub const FRAMES: usize = 250;
/// Breadcrumbs kept, the newest; SDKs keep 100.
pub const BREADCRUMBS: usize = 100;
/// Characters of one breadcrumb.
pub const BREADCRUMB_CHARS: usize = 512;
/// Tags kept; Sentry keeps fewer.
pub const TAGS: usize = 200;
/// Context lines kept.
pub const CONTEXTS: usize = 50;
/// Grouping hashes kept; Sentry sends one to five.
pub const HASHES: usize = 16;
/// Alert rules named by one delivery.
pub const RULES: usize = 50;
/// Projects named by one metric alert.
pub const PROJECTS: usize = 100;
/// Lines in the body of a remark.
pub const REMARK_LINES: usize = 50;

/// Commits kept of one push: GitHub lists no more.
pub const PUSH_COMMITS: usize = 2_048;
/// Changed places kept of one file's patch: the ranking looks for the nearest.
pub const PATCH_HUNKS: usize = 200;
/// Lines of text kept of one changed place of a patch, added and removed each.
pub const PATCH_LINES: usize = 20;
/// Files kept of one commit; what touches more is a move or generated code.
pub const CHANGED_FILES: usize = 3_000;
/// The first stored events of an issue that make its incident be ranked anew: the first webhooks
/// often carry no stack, later events only repeat what is known.
pub const RANKED_EVENTS: i64 = 3;
/// Earlier deploys of a line that are looked at to recognise a rollback.
pub const LINE_DEPLOYS: i64 = 50;

/// Fields at fault that are named in one answer; whoever sends more wrong ones reads no more.
pub const FAULTS: usize = 50;
/// Characters of a dedup key: PagerDuty's own limit.
pub const DEDUP_KEY_CHARS: usize = 255;
/// Lines of an alert's details in the timeline.
pub const DETAIL_LINES: usize = 60;

/// Bytes of a condition's text; the longest rule of a real installation has some 600.
pub const CONDITION_BYTES: usize = 4_096;
/// Nesting of a condition: what people write nests 5 deep, and the parser needs stack per level.
pub const CONDITION_NESTING: u16 = 32;
/// Nodes of a condition's tree. An evaluation looks at each once: this bounds its time.
pub const CONDITION_NODES: usize = 500;
/// Patterns in one condition; each is run over a text of up to `MESSAGE_BYTES`.
pub const CONDITION_PATTERNS: usize = 20;
/// Patterns in all rules of a workspace together: asking all of them about the longest message reads
/// 8 MB, a tenth of a second.
pub const BOOK_PATTERNS: usize = 1_000;
/// Bytes of a compiled pattern: `(\d{1,500}){1,500}` must be refused, not built.
pub const PATTERN_BYTES: usize = 256 * 1_024;
/// Nesting of groups in a pattern.
pub const PATTERN_NESTING: u32 = 32;
/// Characters of a reason made of conditions; a longer one is not read.
pub const REASON_CHARS: usize = 300;
/// Characters of one value inside a reason.
pub const REASON_VALUE_CHARS: usize = 60;

/// Windows of a schedule, and ranges of one window: a week of shifts needs 21.
pub const SCHEDULE_SPANS: usize = 50;
/// Days that are looked through for the next change of a schedule: the 29th of February comes every
/// four years.
pub const SCHEDULE_DAYS: usize = 1_462;
/// Open incidents that are looked at as possible sources of an inhibition; finding circles among
/// them takes the square of it.
pub const NEIGHBOURS: usize = 500;

/// Rules of one routing tree.
pub const ROUTING_RULES: usize = 500;
/// Drop rules; each is looked at for every signal that would open something.
pub const DROP_RULES: usize = 200;
/// Values of one table of services: the projects of a large organisation.
pub const TABLE_VALUES: usize = 2_000;
/// Nesting of routing rules: people lose track at five.
pub const ROUTING_DEPTH: usize = 8;
/// Bytes of a CODEOWNERS file: GitHub's own limit is 3 MB.
pub const OWNERS_BYTES: usize = 3 * 1_024 * 1_024;
/// Lines kept of a CODEOWNERS file; a path is compared with each.
pub const OWNERS_LINES: usize = 10_000;
/// Owners of one line of CODEOWNERS.
pub const OWNERS_OF_PATH: usize = 50;
/// Frames that stacks are compared by, from the crash on: with a decay of .7 the 25th weighs nothing.
pub const STACK_FRAMES: usize = 25;
/// Open incidents that a new alert is compared with.
pub const GROUP_CANDIDATES: usize = 200;
/// Alerts of one incident: every batch that touches it loads them all, and past that it is a storm.
pub const GROUP_ALERTS: i64 = 200;

/// Environments of an issue that are remembered; what has more names them by branch.
pub const SEEN_ENVIRONMENTS: usize = 50;
/// Environments of an issue whose loudness is watched each by itself; the others together.
pub const WATCHED_ENVIRONMENTS: usize = 5;
/// Findings of one look at an issue: more lines at once are a flood of their own.
pub const FINDINGS: usize = 20;
/// Releases of an issue that are remembered, the newest.
pub const SEEN_RELEASES: usize = 100;

/// Layers of a schedule; more than a handful cannot be understood by those who rely on them.
pub const LAYERS: usize = 10;
/// People in a layer, members of a team: the largest group that shares one telephone.
pub const PARTICIPANTS: usize = 100;
/// Windows of a layer, or of somebody's quiet hours: one for each day and half of it.
pub const WINDOWS: usize = 14;
/// Hours of the longest turn: twelve weeks.
pub const TURN_HOURS: i64 = 12 * 7 * 24;
/// How far shifts are laid out: the longest turn back, and a quarter of a year ahead.
pub const SHIFT_SPAN_MS: i64 = 200 * crate::time::DAY_MS;
/// Shifts in one answer: hourly turns of 200 days.
pub const SHIFTS: usize = 5_000;
/// The longest override: whoever is away for longer leaves the layer.
pub const OVERRIDE_MS: i64 = 90 * crate::time::DAY_MS;
/// Steps of an escalation policy: whoever does not answer by the tenth will not by the eleventh.
pub const STEPS: usize = 10;
/// Targets of one step: more people than that at once stand in each other's way.
pub const TARGETS: usize = 20;
/// How often a policy may be gone through again (FIELD §1.2).
pub const REPEATS: u8 = 5;
/// Seconds between two steps at most: a day. What may wait longer needs no escalation.
pub const STEP_DELAY_S: u32 = 86_400;
/// Policies that follow one another: a chain that nobody oversees helps nobody.
pub const POLICY_CHAIN: usize = 5;

/// Bytes of a memory record's body: whoever wants more opens what it refers to.
pub const MEMORY_BODY_BYTES: usize = 8 * 1_024;
/// Things that one record refers to; each is a row to be found by.
pub const MEMORY_REFERENCES: usize = 32;
/// Things that one text names.
pub const MEMORY_MENTIONS: usize = 10;
/// Frames in a record's body (LF-21).
pub const MEMORY_FRAMES: usize = 3;
/// Commits listed in a record's body.
pub const MEMORY_COMMITS: usize = 20;
/// Different words that a record is found by: a page of text has some 300.
pub const MEMORY_WORDS: usize = 400;
/// Words of a search; nobody types more, and each costs a look into the index.
pub const QUERY_WORDS: usize = 12;

/// The text, or its first `max` characters and `…`.
pub fn cut_chars(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    match text.char_indices().nth(max) {
        Some((end, _)) => ended(text, end),
        None => text.to_owned(),
    }
}

/// The text, or its first `max` bytes, ended between characters, and `…`.
pub fn cut_bytes(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    ended(text, text.floor_char_boundary(max))
}

fn ended(text: &str, end: usize) -> String {
    let mut cut = text.get(..end).unwrap_or_default().to_owned();
    cut.push('…');
    cut
}

/// Members of a storm that its timeline names: the loudest say what it is about.
pub const STORM_TITLES: usize = 5;
/// Characters of a title in such a list: a line.
pub const STORM_TITLE_CHARS: usize = 120;
/// Suspects of a ranking that are kept: nobody reads more than the first ten, and the rest would
/// only cost room.
pub const SUSPECTS: usize = 20;

/// How long after a request to Sentry an app's change of the same kind is its echo: Sentry's queue
/// of webhooks may be behind by as much, and its retries.
pub const ECHO_OF_APP_MS: i64 = 60 * 60 * 1_000;
/// How long after a request to Sentry the very same change by anybody is its echo: with a person's
/// token it bears that person's name, and somebody else hardly does the same within so little time.
pub const ECHO_OF_ANYBODY_MS: i64 = 2 * 60 * 1_000;

/// The shortest silence after which the usual gap of an incident's signals lets it end: Sentry's
/// alert rules fire once in half an hour by default, however often the error happens.
pub const AUTO_RESOLVE_FLOOR_MS: i64 = 30 * 60 * 1_000;
/// The longest silence that is waited for: what came less than weekly is not what somebody works on.
pub const AUTO_RESOLVE_LONGEST_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Gaps between signals that must be known before one is usual: one or two tell nothing.
pub const AUTO_RESOLVE_KNOWN_GAPS: i64 = 3;
/// After so long an incident is looked at again at the latest: a burst may have made its usual gap
/// shorter, and its end comes no sooner than the shortest silence after the last signal anyway.
pub const AUTO_RESOLVE_LOOK_MS: i64 = AUTO_RESOLVE_FLOOR_MS;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_end_between_characters() {
        assert_eq!(cut_chars("harbor", 6), "harbor");
        assert_eq!(cut_chars("harbor", 3), "har…");
        assert_eq!(cut_chars("ééé", 3), "ééé");
        assert_eq!(cut_chars("éééé", 3), "ééé…");
        assert_eq!(cut_bytes("éé", 3), "é…");
        assert_eq!(cut_bytes("🚢", 3), "…");
        assert_eq!(cut_bytes("🚢", 4), "🚢");
    }
}

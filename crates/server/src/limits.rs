//! Every limit of the server, with its reason. Those of parsing are in `epicenter_domain::limits`.

pub mod sentry;

use std::time::Duration;

/// A webhook's body, also after decompression. Sentry's events end near 1 MB; ten times that
/// leaves room and still fits memory many times over (DESIGN §4.1).
pub const WEBHOOK_BODY_BYTES: usize = 10 << 20;
/// A body of the API for programs: commands and settings are small.
pub const API_BODY_BYTES: usize = 1 << 20;
/// Time for a client to send its request line and headers; Sentry needs milliseconds.
pub const HEADER_DEADLINE: Duration = Duration::from_secs(10);
/// Time for a client to send its whole body; Sentry gives up after one second itself.
pub const BODY_DEADLINE: Duration = Duration::from_secs(20);
/// Most bytes of request line and headers, so that a client cannot fill memory with them.
pub const HEADER_BYTES: usize = 64 << 10;
/// Requests that wait for the next commit. Full means that the disk is far behind; then senders
/// wait in their sockets instead of in our memory.
pub const INBOX_QUEUE: usize = 2_048;
/// Requests in one commit: more would hold the write lock for longer than a sender should wait.
pub const INBOX_GROUP: usize = 200;
/// Senders that wait for one commit, on the average, from which on answering goes before applying:
/// Sentry waits a second, and does not ask twice.
pub const INBOX_CROWD: u64 = 16;
/// How long applying then gives way after a batch, in lengths of that batch.
pub const INTAKE_GIVES_WAY: u32 = 1;
/// Deliveries applied in one transaction: some 10 ms of the write lock. An issue, its alert and its
/// counts are written once per batch, however many events of it are in it.
pub const INTAKE_BATCH: usize = 512;
/// Failures after which a delivery is parked, so that it cannot hold up the rest for ever.
pub const INTAKE_TRIES: i64 = 5;
/// Without a wake-up (another node stored something) the inbox is looked at this often.
pub const INTAKE_POLL: Duration = Duration::from_millis(250);
/// How often the clock's work is done: snoozes that end.
pub const TIMER_TICK: Duration = Duration::from_secs(1);
/// How often the write-ahead log is folded into the file.
pub const CHECKPOINT_TICK: Duration = Duration::from_millis(200);
/// A write-ahead log of more pages (64 MiB) is folded under the write lock, so that it starts anew.
pub const LONG_LOG_PAGES: i64 = 8_192;
/// How long the engine gathers deliveries before it applies a batch: a batch of one costs as many
/// statements as a batch of a hundred.
pub const INTAKE_GATHER: Duration = Duration::from_millis(15);
/// The same while senders crowd: fewer and larger batches cost less of what answering needs.
pub const INTAKE_GATHER_CROWDED: Duration = Duration::from_millis(50);
/// How often old rows are looked for.
pub const RETENTION_TICK: Duration = Duration::from_mins(1);
/// Rows removed in one transaction, so that the write lock is free again within milliseconds.
pub const RETENTION_CHUNK: i64 = 500;
/// The same for issues, incidents and records of the memory: each takes some twenty statements, and
/// senders wait for the write lock meanwhile.
pub const RETENTION_FEW: i64 = 50;
/// Pieces of issues in one run. The next one goes on a minute later.
pub const RETENTION_ISSUE_PIECES: usize = 40;
/// How often is looked for what is unusual about what arrived.
pub const DETECTION_TICK: Duration = Duration::from_secs(1);
/// Rows that are looked at in one transaction: it holds the engine for some ten milliseconds.
pub const DETECTION_BATCH: i64 = 200;
/// Regressions of one batch that are judged by releases, each costs three short statements. What is
/// above it counts as real.
pub const LAGS: usize = 20;
/// Deploys of the release with the fix that are looked at: one for each environment, some repeated.
pub const FIX_DEPLOYS: i64 = 100;
/// Times the usual that may be asked of a spike: more never happens.
pub const SPIKE_TIMES_MOST: u32 = 1_000;
/// Events in a minute that may be asked of a spike.
pub const SPIKE_FLOOR_MOST: u32 = 1_000_000;
/// The longest quiet time that may be asked for: four weeks.
pub const LONGEST_QUIET_MINUTES: u32 = 40_320;
/// The shortest and the longest quiet time after which an incident may be resolved by itself: less
/// than five minutes is a pause between two events, and a week is what the usual gap is capped at.
pub const AUTO_RESOLVE_MINUTES: (u32, u32) = (5, 10_080);
/// Times the usual gap that may be asked for: one is no silence at all, and more than a hundred is
/// what a fixed time says better.
pub const AUTO_RESOLVE_GAPS: (u32, u32) = (2, 100);
/// Open incidents that the timekeeper looks at in one go, whether they have gone quiet; the rest
/// follow in the next second.
pub const QUIET_LOOKS: i64 = 100;
/// Nothing is resolved for its silence before the process has listened for so long: what happened
/// while it was away comes with the next pass over Sentry's API.
pub const AUTO_RESOLVE_AFTER_START_MS: i64 = 30 * 60 * 1_000;
/// Rules of which incidents mute others: each is looked at for every pair of open ones.
pub const INHIBITIONS: usize = 20;
/// Fields of such a rule.
pub const INHIBITION_FIELDS: usize = 10;
/// Characters of its name.
pub const INHIBITION_NAME_CHARS: usize = 100;
/// Notices counted against a person's ceiling, and pages bundled in one: more than any allows.
pub const PERSON_NOTICES: i64 = 100;
/// How often settings that another node may have changed are read again.
pub const REGISTRY_TICK: Duration = Duration::from_secs(5);
/// How often it is asked whether a dictionary should be trained; asking costs nothing.
pub const TRAINING_TICK: Duration = Duration::from_secs(2);
/// Stored bodies that a dictionary is trained on: with fewer it learns single cases by heart.
pub const TRAINING_SAMPLES: i64 = 500;
/// A dictionary is looked at again after as many days: releases change what is sent.
pub const TRAINING_DAYS: i64 = 1;
/// A new dictionary must save a tenth of what bodies take now, or the one in use stays.
pub const TRAINING_GAIN_PERCENT: usize = 10;
/// Refused requests kept in memory per integration for the diagnosis.
pub const REFUSED_SAMPLES: usize = 20;
/// Largest refused body that is kept for the diagnosis.
pub const REFUSED_SAMPLE_BYTES: usize = 256 << 10;
/// Refused requests recorded in the delivery log per integration and minute; the rest is counted
/// only, since anybody can send them.
pub const REFUSED_PER_MINUTE: usize = 6;
/// Refused requests kept in the delivery log: the newest are enough for any diagnosis, and anybody
/// who knows a push URL can send them for weeks.
pub const REFUSED_STORED: i64 = 1_000;
/// Time between a stop signal and the end, for requests that are under way.
pub const STOP_DEADLINE: Duration = Duration::from_secs(20);
/// Time that what is asked of others when the stop comes has left for its answer. Most answer
/// within a second, nobody waits for the rest: while a server stops, no webhook is taken.
pub const STOP_ANSWER: Duration = Duration::from_secs(2);
/// A session of the web page.
pub const SESSION_DAYS: i64 = 30;
/// Failed logins per address and quarter of an hour.
pub const LOGIN_FAILURES: usize = 10;
/// Shortest password.
pub const PASSWORD_CHARS: usize = 10;
/// Open live streams; each holds a connection.
pub const STREAMS: usize = 500;
/// How often an open stream asks whether its listener may still listen: what another node changed
/// must end it within five seconds. A change on this node ends it at once.
pub const STREAM_CHECK: Duration = Duration::from_secs(3);
/// Timeline entries a resumed stream catches up with; older ones are read from the API.
pub const STREAM_CATCH_UP: i64 = 1_000;
/// Open incidents that a page offers to merge into: more than one looks through in a list.
pub const MERGE_CHOICES: i64 = 50;
/// Rules of a workspace on which alerts belong together: each is looked at for each new alert.
pub const GROUP_RULES: usize = 20;
/// Fields that one such rule compares; more hardly ever agree.
pub const GROUP_FIELDS: usize = 5;
/// Length of the name of such a rule: it is quoted in a line of the timeline.
pub const GROUP_RULE_NAME_CHARS: usize = 100;
/// Incidents in one bulk action: one page of the list.
pub const BULK_INCIDENTS: usize = 100;
/// Items on a page of a list, unless asked otherwise.
pub const PAGE_SIZE: i64 = 50;
/// Open incidents that are ranked anew when a change arrives are not older than this: what broke
/// a day before was not broken by it.
pub const RERANK_WINDOW_MS: i64 = 24 * 60 * 60 * 1_000;
/// Resolved incidents that nothing explains are ranked anew for a week: as long as a deploy is
/// looked for behind an incident.
pub const RERANK_RESOLVED_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// A ranking waits so long for the rest of its batch: a deploy often comes as several webhooks.
pub const RERANK_DELAY_MS: i64 = 2_000;
/// Commits compared for one incident: the releases of weeks, and still ranked in milliseconds.
pub const CANDIDATES: i64 = 2_000;
/// Suspects kept of a ranking; nobody reads more.
pub const SUSPECTS: usize = 10;
/// Rankings made in one go of the worker.
pub const RANKING_BATCH: i64 = 16;
/// How often the queue of rankings is looked at.
pub const RANKING_TICK: Duration = Duration::from_secs(1);
/// Pushes walked back from a deployed commit to the one that was live before.
pub const PUSHES_BACK: i64 = 200;
/// Deploys and pushes longer before an incident are not what it began after.
pub const DEPLOY_WINDOW_MS: i64 = 7 * 24 * 60 * 60 * 1_000;
/// Hours in the chart of changes: a weekend and a day.
pub const CHART_HOURS: i64 = 72;
/// Deploys marked in one chart; more would hide the bars.
pub const CHART_DEPLOYS: i64 = 200;
/// Commits listed on a page; the API has the rest.
pub const SHOWN_COMMITS: usize = 200;
/// New entries of the error log listed under one deploy.
pub const DEPLOY_ISSUES: i64 = 50;
/// Incidents listed under one deploy.
pub const DEPLOY_INCIDENTS: i64 = 50;
/// Judgements of suspects that the hit rate is counted from: years of a busy team.
pub const COUNTED_FEEDBACK: i64 = 5_000;
/// Projects that the doctor of changes examines for one page; each costs some ten look-ups.
pub const DOCTOR_PROJECTS: usize = 50;
/// Deploys that it looks through, newest first.
pub const DOCTOR_DEPLOYS: i64 = 500;
/// How far back it looks for deploys: 30 days.
pub const DOCTOR_WINDOW_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Newest commits of a repository whose files it compares with stacks.
pub const DOCTOR_COMMITS: i64 = 200;
/// An incident that began within this time after a deploy is shown under it.
pub const DEPLOY_BLAME_MS: i64 = 24 * 60 * 60 * 1_000;
/// Characters of the beginnings of paths in a code mapping.
pub const MAPPING_PREFIX_CHARS: usize = 512;
/// Commits in one request to the deploy API.
pub const DEPLOY_COMMITS: usize = 2_048;
/// A body of sentry-cli, also after decompression: first releases of large repositories list all
/// their commits with what they touched, and were seen with megabytes (DESIGN §4.1).
pub const SENTRY_API_BODY_BYTES: usize = 25 << 20;
/// Commits of one release by sentry-cli, which sends 20 unless told otherwise: those of months, and
/// an end to how long one request may hold the write lock.
pub const RELEASE_COMMITS: usize = 10_000;
/// How long an answer of a destination is waited for: Standard Webhooks advises 15 to 30 seconds.
pub const OUTBOUND_DEADLINE: Duration = Duration::from_secs(20);
/// How long a connection to a destination is waited for; the rest of the time is its own.
pub const OUTBOUND_CONNECT: Duration = Duration::from_secs(10);
/// Most of an answer that is read: those of the chat services have some hundred bytes.
pub const OUTBOUND_ANSWER_BYTES: usize = 64 << 10;
/// What our requests say about how often they have been passed on, so that a receiver like us can
/// refuse what only goes round.
pub const OUTBOUND_HOPS: &str = "1";
/// Longest time that a destination may ask us to wait: what is a day old has its page.
pub const LONGEST_RETRY_AFTER_MS: i64 = 24 * 60 * 60 * 1_000;
/// How long one command of a mail server may take; some look senders up before they answer.
pub const MAIL_COMMAND: Duration = Duration::from_secs(20);
/// How long a whole letter may take, all commands together.
pub const MAIL_DEADLINE: Duration = Duration::from_mins(1);

/// Escalations moved in one go of the timekeeper; the rest follow in the next second.
pub const DUE_ESCALATIONS: i64 = 100;
/// A wait that began later than this from now means that the clock has gone back: the clocks of two
/// nodes never differ by as much.
pub const CLOCK_SKEW_MS: i64 = 60 * 1_000;
/// Teams, schedules or escalation policies of a workspace, each: more than any company of 300 has,
/// and still looked through in one go.
pub const PEOPLE_THINGS: usize = 300;
/// Ways to reach one person: telephone, mail and chat, twice over.
pub const CONTACTS: usize = 10;
/// The longest time that the shifts of a schedule are asked for at once: a quarter of a year.
pub const SHIFTS_WINDOW_MS: i64 = 100 * 24 * 60 * 60 * 1_000;
/// How far ahead is looked for the end of somebody's time on call: three months.
pub const ON_CALL_AHEAD_MS: i64 = 92 * 24 * 60 * 60 * 1_000;

/// Incidents planned in one transaction: it holds the write lock for some tens of milliseconds.
pub const PLAN_BATCH: i64 = 50;
/// Silences that are looked at; more of them are a sign that a rule is wanted.
pub const PLAN_SILENCES: i64 = 500;
/// Newest lines of a timeline in which openings and closings are counted: four of them flap.
pub const FLAP_LINES: i64 = 50;
/// How long the first edit of a card waits for the next: clicks come in pairs.
pub const EDIT_WAIT_MS: i64 = 2_000;
/// From edit to edit of a card: Slack takes one message a second for a whole channel.
pub const EDIT_AGAIN_MS: i64 = 10_000;
/// Notices that are taken for sending at once.
pub const SEND_BATCH: i64 = 200;
/// Notices to one place that are taken at once: their deadlines together are within the lease.
pub const SEND_AT_ONCE: i64 = 5;
/// How long after the first notice that a ceiling holds back its reader is told so: a flood has
/// become one by then, and the count says something.
pub const HELD_TELL_MS: i64 = 60_000;
/// How long it is not told again: once a day is news, more is part of the flood.
pub const HELD_AGAIN_MS: i64 = 24 * 60 * 60 * 1_000;
/// Incidents that such a notice names; all of them stand behind its link.
pub const HELD_SHOWN: i64 = 5;
/// How long a taken notice is nobody else's: longer than the answers of [`SEND_AT_ONCE`] can take.
pub const NOTICE_LEASE_MS: i64 = 120_000;
/// Waits between attempts: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, as Svix has them.
pub const RETRY_SCHEDULE_MS: [i64; 7] = [
    5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000,
];
/// How much earlier or later than that, in percent.
pub const SEND_JITTER_PERCENT: i64 = 20;
/// A destination that took nothing for five days is switched off.
pub const DISABLE_AFTER_MS: i64 = 5 * 24 * 60 * 60 * 1_000;
/// How often is looked for plans and notices that have become due.
pub const NOTICE_TICK: Duration = Duration::from_millis(250);
/// How long a plan waits for what belongs to the same batch.
pub const NOTICE_GATHER: Duration = Duration::from_millis(10);
/// Commits of a clone that are walked for one question (a range, a blame, the history of a
/// function): a busy team's history of two years, in about a second.
pub const CLONE_WALK: usize = 20_000;
/// Bytes of a file that is compared or blamed; what is larger was not written by people.
pub const CLONE_FILE_BYTES: u64 = 2 << 20;
/// Memory for objects of a clone that are looked at more than once, for each question.
pub const CLONE_CACHE_BYTES: usize = 16 << 20;
/// Comparisons to find renames in one commit; git stops at as many.
pub const CLONE_RENAMES: usize = 1_000;
/// Paths of one commit of a clone that are compared with stacks: the largest repositories known.
pub const CLONE_PATHS: usize = 500_000;
/// Files of one commit whose texts are compared; what touches more is a move or generated code.
pub const COMMIT_DIFFS: usize = 300;
/// Changed places kept of one file: the ranking looks for the nearest.
pub const CLONE_HUNKS: usize = 200;
/// Lines of text kept of one changed place, added and removed each.
pub const CLONE_HUNK_LINES: usize = 20;
/// Lines that a function may have above or below a frame's line.
pub const FUNCTION_LINES: usize = 1_000;
/// Commits kept of a function's history; each weighs less than the one after it.
pub const FUNCTION_LOG: usize = 20;
/// Clones that are read at the same time: the other cores are for webhooks.
pub const CLONE_READERS: usize = 2;
/// Commits of one range that a clone brings with their changed lines, the newest: some seconds of
/// reading in a large repository, once.
pub const CLONE_COMMITS: usize = 500;
/// Commits compared when it is unknown what was live before: about what a busy team ships in a week.
pub const WITHOUT_BEGINNING: usize = 50;
/// Frames of one stack that are blamed, from the crash on; farther ones weigh next to nothing.
pub const BLAMED_FRAMES: usize = 10;

/// Destinations of a workspace: each plan goes through all of them.
pub const DESTINATIONS: usize = 200;
/// Longest wait or repeat of a destination, in seconds: a week. What is older has its page.
pub const NOTICE_TIMER_S: i64 = 7 * 24 * 60 * 60;
/// Rates of one destination: a quarter of an hour, an hour, a day, and two by mistake.
pub const NOTICE_RATES: usize = 5;
/// Notices of one rate: what was sent lately is counted for each plan.
pub const NOTICE_RATE: usize = 200;
/// Longest silence: a year.
pub const SILENCE_MS: i64 = 366 * 24 * 60 * 60 * 1_000;
/// Open incidents that a condition is tried on: ten pages of the list.
pub const PREVIEW_INCIDENTS: usize = 1_000;
/// Incidents that a preview names; the others are counted.
pub const PREVIEW_SHOWN: usize = 20;
/// Maintenance windows that are looked at: one a week for each of many services.
pub const PLAN_MAINTENANCE: i64 = 200;
/// Longest maintenance window that does not come weekly: what is worked on for longer is not told
/// to anybody for longer than anybody remembers.
pub const MAINTENANCE_MS: i64 = 31 * 24 * 60 * 60 * 1_000;
/// Incidents of the last week that the preview of a silence is tried on.
pub const PREVIEW_WEEK: i64 = 2_000;
/// Ended silences on one page; nobody reads older ones.
pub const ENDED_SILENCES: i64 = 100;
/// Past incidents that are compared with one; each costs two look-ups.
pub const SIMILAR_CANDIDATES: usize = 30;
/// Newest records of an incident that are read for what they name: a long one repeats itself.
pub const SIMILAR_RECORDS: i64 = 20;
/// Words of a title by which similar ones are looked for, the longest.
pub const SIMILAR_WORDS: usize = 6;
/// Similar incidents that are shown: who needs more searches.
pub const SIMILAR_SHOWN: usize = 5;
/// Records in one answer of JSON lines, and in one step of a stream.
pub const MEMORY_LINES: i64 = 1_000;
/// Bytes of one answer to an agent: fifty long records, and far less than it can read at once.
pub const MCP_ANSWER_BYTES: usize = 4 << 20;
/// Transitions put into words in one transaction: some milliseconds of the write lock, less than a
/// batch of webhooks takes.
pub const MEMORY_BATCH: i64 = 64;
/// How long transitions wait while webhooks do; then the two take turns, so that the memory is never
/// far behind, also in a storm that does not end.
pub const MEMORY_PATIENCE_MS: i64 = 2_000;
/// So many waiting transitions take turns with webhooks at once: some ten megabytes, and one turn
/// takes more of them away than a batch of webhooks can add.
pub const MEMORY_QUEUE: i64 = 10_000;
/// Failures after which a transition is left aside, so that it cannot hold up the rest for ever.
pub const MEMORY_TRIES: i64 = 5;
/// Transitions left aside that a start tries once more: a minute of work, if all of them fail
/// again. The metric counts no further.
pub const MEMORY_RETRIES: i64 = 10_000;
/// Without a wake-up (another node queued something) the queue is looked at this often.
pub const MEMORY_POLL: Duration = Duration::from_millis(500);
/// How long the memory waits for what belongs together: the batch behind the first webhook.
pub const MEMORY_GATHER: Duration = Duration::from_millis(50);
/// Records that wait for one destination at most; the others wait in the memory itself, so that a
/// receiver that is away for days costs a number and not a copy of everything.
pub const FEED_WINDOW: i64 = 100;
/// How often is looked for new records for those who read along.
pub const FEED_TICK: Duration = Duration::from_secs(1);
/// Records written to a file in one go.
pub const FILE_RECORDS: i64 = 500;
/// Bytes at the end of that file in which its last record is looked for: more than the longest.
pub const FILE_TAIL_BYTES: u64 = 1 << 20;
/// Storms that are looked at in one go of the timekeeper; the rest follow in the next second.
pub const OPEN_STORMS: i64 = 100;
/// The latest storms of a workspace that a plan knows: what triggered in an older one was told or is
/// over.
pub const PLAN_STORMS: i64 = 500;
/// Deploys among which the one in effect when a storm begins is looked for, newest first.
pub const STORM_DEPLOYS: i64 = 20;

/// Characters of the reason for a change of the rules: a paragraph.
pub const ROUTING_COMMENT_CHARS: usize = 500;
/// Versions of the rules that are kept: a change a day for half a year.
pub const ROUTING_VERSIONS: i64 = 200;
/// Stored deliveries that a draft of the rules is tried on; each is unpacked and read again.
pub const PREVIEW_DELIVERIES: usize = 500;
/// Moved deliveries that the page of a preview lists; the others are counted.
pub const ROUTE_MOVES_SHOWN: usize = 50;
/// Time for Slack's answer: Slack waits three seconds and shows a warning then.
pub const SLACK_ANSWER: Duration = Duration::from_millis(2_500);
/// A pressed button comes with the whole message it was on: some 40,000 characters at most, as a
/// form, which may triple them.
pub const SLACK_BODY_BYTES: usize = 256 << 10;
/// How long a request of Slack is known, to do it once: twice the window in which its signature
/// holds.
pub const SLACK_PROOF_MS: i64 = 10 * 60 * 1_000;
/// Members of Slack that may be one person: somebody in many workspaces.
pub const SLACK_MEMBERS: usize = 20;
/// Open incidents that `/epicenter list` shows: a message takes 3,000 characters in one piece.
pub const SLACK_LISTED: i64 = 15;
/// Answers to people in Slack that wait to be sent; more are dropped, the card still says what
/// happened.
pub const SLACK_REPLIES: usize = 256;
/// How often an answer to a person in Slack is tried; after that they have pressed again.
pub const SLACK_REPLY_TRIES: usize = 3;
/// How long a link in an e-mail allows what it says: a weekend.
pub const LINK_MS: i64 = 3 * 24 * 60 * 60 * 1_000;
/// How often it is looked whether a digest is due: it comes within a minute of its time.
pub const DIGEST_TICK: Duration = Duration::from_secs(20);
/// Digests owed in one round; each takes some milliseconds of the write lock.
pub const DIGEST_BATCH: i64 = 50;
/// Incidents compared for the noisiest of a digest, of those that opened and of those that are open.
pub const DIGEST_CANDIDATES: i64 = 20;

/// Most of a code host's answer that is read: a page of a comparison lists up to 300 files with
/// their patches.
pub const COMPARE_ANSWER_BYTES: usize = 16 << 20;
/// Commits asked for in one page of a comparison: GitHub gives no more.
pub const COMPARE_PAGE: usize = 100;
/// Commits fetched for one push, the newest: as many as a release may have.
pub const COMPARE_COMMITS: usize = 10_000;
/// Commits of a cut push whose files are asked for, the newest; each costs a request, and GitHub
/// answers 5,000 an hour.
pub const COMPARE_FILES: usize = 100;
/// Characters of a code host's token; GitHub's longest have 93.
pub const CODE_HOST_TOKEN_CHARS: usize = 512;
/// Places on code hosts of a workspace: all are looked through for each push.
pub const CODE_HOSTS: usize = 100;
/// How often is looked for pushes that can be completed.
pub const COMPLETION_TICK: Duration = Duration::from_secs(1);
/// Cut pushes that are looked at in one go.
pub const COMPLETION_BATCH: i64 = 20;
/// A push waits so long before it is completed: its delivery is answered and applied first.
pub const COMPLETION_DELAY_MS: i64 = 1_000;
/// How long the questions about one push may take all together.
pub const COMPLETION_DEADLINE: Duration = Duration::from_mins(5);
/// A node that took a push and ended before it was done loses it after this time: twice the above.
pub const COMPLETION_LEASE_MS: i64 = 10 * 60 * 1_000;
/// Waits between attempts: a minute, 5 minutes, half an hour, 2 hours, 6, 12 and 24 hours.
pub const COMPLETION_RETRY_MS: [i64; 7] = [
    60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];
/// Cut pushes that a page lists; the newest count.
pub const SHOWN_CUT_PUSHES: i64 = 50;
/// Commits stored in one transaction: some 20 ms of the write lock, so that webhooks that come
/// meanwhile are answered between two of them.
pub const COMMIT_CHUNK: usize = 500;

/// Days for which counts of requests, sizes, canaries and what retention removed are kept: a
/// quarter of a year shows growth, and is some ten thousand rows.
pub const HEALTH_DAYS: i64 = 90;
/// Waiting things are counted up to this; the page says so much, whatever there is.
pub const HEALTH_COUNT: i64 = 10_000;
/// How often counts and beats are written down, and Epicenter looks at itself.
pub const WATCH_TICK: Duration = Duration::from_mins(1);
/// Days of hours from which is learned how long a source is usually silent: four weekends.
pub const USUAL_DAYS: i64 = 28;
/// A canary that is not back after so long has failed: a storm is applied in less.
pub const CANARY_MS: i64 = 5 * 60 * 1_000;
/// Days of sizes from which growth is forecast: longer ones would hide what changed lately.
pub const GROWTH_DAYS: i64 = 14;
/// An issue that the sync found is not called missed before: its webhook may be on the way.
pub const GAP_GRACE_MS: i64 = 5 * 60 * 1_000;

/// What was done here that is looked at in one go, to be told to Sentry.
pub const WRITE_BACK_BATCH: i64 = 400;
/// Issues whose status is told in one request; Sentry takes 1,000, but the address names each.
pub const WRITE_BACK_BULK: usize = 100;
/// A node that took something and ended before Sentry answered loses it after this time: longer
/// than any answer is waited for.
pub const WRITE_BACK_LEASE_MS: i64 = 120_000;
/// How often is looked for what Sentry is to be told.
pub const WRITE_BACK_TICK: Duration = Duration::from_secs(1);
/// What was done to an issue that pages and the API show, newest first.
pub const SHOWN_WRITE_BACKS: i64 = 200;

/// Steps of one trend: 90 days of hours would be more bars than a screen has points.
pub const TREND_BUCKETS: usize = 1_000;
/// Names that a trend tells apart; the smaller ones are summed up as "others".
pub const TREND_NAMES: usize = 12;
/// Incidents that one answer about trends counts, the newest: some 20 ms of reading. It is more than
/// a hundred a day over twelve weeks.
pub const TREND_INCIDENTS: i64 = 10_000;
/// Issues that may be a top mover: as many of those seen last, and of those silent for a week.
pub const MOVING_ISSUES: i64 = 250;
/// Movers that are listed, up and down.
pub const MOVERS_SHOWN: usize = 8;
/// Days for which counts are kept by the hour: two weeks are compared with each other, by the hour.
pub const COUNT_HOURS_DAYS: i64 = 15;
/// Days for which counts are kept at all: a month can be compared with that of the year before.
pub const COUNT_DAYS: i64 = 400;

/// How often is looked for records that the text model was not asked about.
pub const EMBEDDING_TICK: Duration = Duration::from_secs(5);
/// Records in one question to the text model: the APIs take hundreds, but a model on a CPU, which
/// reads 1,000 tokens in a second or two, must answer within [`OUTBOUND_DEADLINE`].
pub const EMBEDDING_BATCH: i64 = 8;
/// Characters of a record that the text model is told: some 1,000 tokens, the title and the top of
/// the body; the smallest models read 512.
pub const EMBEDDING_CHARS: usize = 4_000;
/// Bytes of an answer of the text model: 8 vectors of 4,096 numbers, however long they are written.
pub const EMBEDDING_ANSWER_BYTES: usize = 4 << 20;
/// How long the text model is left alone after it failed, unless it says how long.
pub const EMBEDDING_PAUSE_MS: i64 = 30_000;
/// How long a search waits for the text model; then it goes on with words.
pub const EMBEDDING_PATIENCE: Duration = Duration::from_secs(2);
/// Searches whose vectors are kept, so that the next page does not ask again.
pub const EMBEDDING_CACHE: usize = 64;
/// Records that wait for the text model are counted no further, so that the count stays cheap.
pub const EMBEDDING_QUEUE: i64 = 20_000;
/// Records that a search by meaning adds to those that have the words.
pub const MEANT_RECORDS: usize = 100;
/// How alike a record must be to be added, in thousandths: texts that have nothing in common stay
/// below with the usual models.
pub const MEANT_FROM: i64 = 300;
/// How alike a record of a past incident must be to be compared with an incident, in thousandths.
pub const ALIKE_FROM: i64 = 700;

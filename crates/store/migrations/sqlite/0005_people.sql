-- Who is told, and when: teams, ways to reach people, schedules, escalation policies and their runs.

CREATE TABLE teams (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX teams_by_workspace ON teams (workspace_id, id);

CREATE TABLE team_members (
  team_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX team_members_by_user ON team_members (user_id);

-- Ways to reach a person, in the order of their ids: an e-mail address or a destination.
CREATE TABLE contacts (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  address TEXT,
  destination_id INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX contacts_by_user ON contacts (user_id, id);

-- quiet_hours is JSON with its version, digest_at a time of day such as 09:00.
CREATE TABLE user_settings (
  user_id INTEGER PRIMARY KEY,
  zone TEXT NOT NULL,
  quiet_hours TEXT,
  digest_at TEXT
) STRICT;

-- layers is JSON with its version; feed_key is the unguessable part of the calendar's URL.
CREATE TABLE schedules (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  layers TEXT NOT NULL,
  feed_key TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_by_workspace ON schedules (workspace_id, id);

CREATE TABLE schedule_overrides (
  id INTEGER PRIMARY KEY,
  schedule_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_overrides_by_end ON schedule_overrides (schedule_id, ends_at);
CREATE INDEX schedule_overrides_by_user ON schedule_overrides (user_id);

-- policy is JSON with its version.
CREATE TABLE escalations (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX escalations_by_workspace ON escalations (workspace_id, id);

CREATE TABLE service_owners (
  service_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  team_id INTEGER,
  escalation_id INTEGER
) STRICT;

-- run is JSON with its version; next_at: when it must be moved; since_at: since when it waits.
CREATE TABLE escalation_runs (
  incident_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  escalation_id INTEGER NOT NULL,
  run TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  next_at INTEGER,
  since_at INTEGER
) STRICT;
CREATE INDEX escalation_runs_by_next ON escalation_runs (next_at);
CREATE INDEX escalation_runs_by_since ON escalation_runs (since_at);

-- Who is to be told of what, until a notifier has taken it on.
CREATE TABLE pages_owed (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  incident_id INTEGER NOT NULL,
  user_id INTEGER,
  destination_id INTEGER,
  reason TEXT NOT NULL,
  due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pages_owed_by_due ON pages_owed (due_at, id);
CREATE INDEX pages_owed_by_incident ON pages_owed (incident_id);

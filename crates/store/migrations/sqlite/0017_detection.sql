-- Detection of our own, and which incidents mute others.

-- Events that arrived, by minute, issue and place, until they were looked at. event_count 0: only the
-- issue changed.
CREATE TABLE detection_queue (
  minute_at INTEGER NOT NULL,
  issue_id INTEGER NOT NULL,
  environment TEXT NOT NULL,
  release TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (minute_at, issue_id, environment, release)
) STRICT, WITHOUT ROWID;

-- What is kept of each issue to notice what is unusual about it: JSON with its version. muted_since,
-- muted_events: while it is muted for ever, since when and how many events came nevertheless.
CREATE TABLE issue_watches (
  issue_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  watch TEXT NOT NULL,
  muted_since INTEGER,
  muted_events INTEGER NOT NULL
) STRICT;
CREATE INDEX watches_muted ON issue_watches (workspace_id, muted_events, issue_id)
  WHERE muted_events > 0;

-- What is wanted: JSON with its version. service_id 0: of the whole workspace.
CREATE TABLE detection_settings (
  workspace_id INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  settings TEXT NOT NULL,
  PRIMARY KEY (workspace_id, service_id)
) STRICT, WITHOUT ROWID;

-- Whether the regression that opened an incident is a real one.
CREATE TABLE incident_regressions (
  incident_id INTEGER PRIMARY KEY,
  verdict TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;

-- Which incidents mute others: JSON with its version. No row: the default.
CREATE TABLE inhibitions (
  workspace_id INTEGER PRIMARY KEY,
  rules TEXT NOT NULL
) STRICT;

-- Is what usually ends by itself held back for a moment, in this service?
ALTER TABLE services ADD COLUMN holds_transients INTEGER NOT NULL DEFAULT 1;

-- Has a person a ceiling on notices?
ALTER TABLE user_settings ADD COLUMN has_ceiling INTEGER NOT NULL DEFAULT 1;
-- Is it late because the person had enough notices? Then it comes bundled.
ALTER TABLE pages_owed ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;

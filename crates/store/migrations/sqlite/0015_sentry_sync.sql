-- The way back to Sentry: whom to ask, what was asked, and events that are still to be fetched.

-- One organisation on one Sentry host, for one integration. Without a token of its own it uses
-- that of the environment. `projects` is a list of slugs, as JSON; empty: all.
CREATE TABLE sentry_connections (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER NOT NULL,
  base_url TEXT NOT NULL,
  organization TEXT NOT NULL,
  projects TEXT NOT NULL,
  token TEXT,
  from_environment INTEGER NOT NULL,
  held_until INTEGER,
  due_at INTEGER,
  claimed_until INTEGER,
  synced_until INTEGER,
  whole_at INTEGER,
  checked_at INTEGER,
  check_fault TEXT,
  scopes TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (integration_id, base_url, organization)
) STRICT;
CREATE INDEX sentry_connections_by_workspace ON sentry_connections (workspace_id, id);

-- One pass over a window of time. The one without `ended_at` is under way, and goes on at `cursor`.
CREATE TABLE sync_runs (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  connection_id INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT NOT NULL,
  reason TEXT,
  is_first INTEGER NOT NULL,
  window_from INTEGER NOT NULL,
  window_until INTEGER NOT NULL,
  news_from INTEGER NOT NULL,
  cursor TEXT,
  page_count INTEGER NOT NULL,
  expected_count INTEGER,
  resolved_count INTEGER NOT NULL,
  unresolved_count INTEGER NOT NULL,
  ignored_count INTEGER NOT NULL,
  created_count INTEGER NOT NULL,
  updated_count INTEGER NOT NULL,
  unchanged_count INTEGER NOT NULL,
  unreadable_count INTEGER NOT NULL,
  heard_count INTEGER NOT NULL,
  found_count INTEGER NOT NULL,
  fault_count INTEGER NOT NULL
) STRICT;
CREATE INDEX sync_runs_by_connection ON sync_runs (connection_id, id);
CREATE INDEX sync_runs_by_workspace ON sync_runs (workspace_id, id);

CREATE TABLE sync_run_projects (
  run_id INTEGER NOT NULL,
  project TEXT NOT NULL,
  seen_count INTEGER NOT NULL,
  heard_count INTEGER NOT NULL,
  found_count INTEGER NOT NULL,
  PRIMARY KEY (run_id, project)
) STRICT;

-- Issues whose latest event is to be fetched, because their webhooks do not tell where it happened.
CREATE TABLE wanted_events (
  issue_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER NOT NULL,
  due_at INTEGER,
  attempt_count INTEGER NOT NULL,
  fault TEXT
) STRICT;
CREATE INDEX wanted_events_due ON wanted_events (due_at, issue_id) WHERE due_at IS NOT NULL;

-- Open alerts: those whose issues are looked at, and whose events are fetched.
CREATE INDEX alerts_open ON alerts (integration_id, issue_id) WHERE is_open;

-- What Sentry itself said last of an issue, whatever was done to it here; and when a webhook last
-- told of it, and when the sync last looked at it by itself.
ALTER TABLE issues ADD COLUMN sentry_status TEXT;
ALTER TABLE issues ADD COLUMN heard_at INTEGER;
ALTER TABLE issues ADD COLUMN looked_at INTEGER;
UPDATE issues SET sentry_status = status;

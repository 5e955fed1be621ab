-- The way back to Sentry: whom to ask, what was asked, and events that are still to be fetched.

-- One organisation on one Sentry host, for one integration. Without a token of its own it uses
-- that of the environment. `projects` is a list of slugs, as JSON; empty: all.
CREATE TABLE sentry_connections (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
  base_url TEXT NOT NULL,
  organization TEXT NOT NULL,
  projects TEXT NOT NULL,
  token TEXT,
  from_environment BOOLEAN NOT NULL,
  held_until BIGINT,
  due_at BIGINT,
  claimed_until BIGINT,
  synced_until BIGINT,
  whole_at BIGINT,
  checked_at BIGINT,
  check_fault TEXT,
  scopes TEXT,
  created_at BIGINT NOT NULL,
  UNIQUE (integration_id, base_url, organization)
);
CREATE INDEX sentry_connections_by_workspace ON sentry_connections (workspace_id, id);

-- One pass over a window of time. The one without `ended_at` is under way, and goes on at `cursor`.
CREATE TABLE sync_runs (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  connection_id BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT NOT NULL,
  reason TEXT,
  is_first BOOLEAN NOT NULL,
  window_from BIGINT NOT NULL,
  window_until BIGINT NOT NULL,
  news_from BIGINT NOT NULL,
  cursor TEXT,
  page_count BIGINT NOT NULL,
  expected_count BIGINT,
  resolved_count BIGINT NOT NULL,
  unresolved_count BIGINT NOT NULL,
  ignored_count BIGINT NOT NULL,
  created_count BIGINT NOT NULL,
  updated_count BIGINT NOT NULL,
  unchanged_count BIGINT NOT NULL,
  unreadable_count BIGINT NOT NULL,
  heard_count BIGINT NOT NULL,
  found_count BIGINT NOT NULL,
  fault_count BIGINT NOT NULL
);
CREATE INDEX sync_runs_by_connection ON sync_runs (connection_id, id);
CREATE INDEX sync_runs_by_workspace ON sync_runs (workspace_id, id);

CREATE TABLE sync_run_projects (
  run_id BIGINT NOT NULL,
  project TEXT NOT NULL,
  seen_count BIGINT NOT NULL,
  heard_count BIGINT NOT NULL,
  found_count BIGINT NOT NULL,
  PRIMARY KEY (run_id, project)
);

-- Issues whose latest event is to be fetched, because their webhooks do not tell where it happened.
CREATE TABLE wanted_events (
  issue_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
  due_at BIGINT,
  attempt_count BIGINT NOT NULL,
  fault TEXT
);
CREATE INDEX wanted_events_due ON wanted_events (due_at, issue_id) WHERE due_at IS NOT NULL;

-- Open alerts: those whose issues are looked at, and whose events are fetched.
CREATE INDEX alerts_open ON alerts (integration_id, issue_id) WHERE is_open;

-- What Sentry itself said last of an issue, whatever was done to it here; and when a webhook last
-- told of it, and when the sync last looked at it by itself.
ALTER TABLE issues ADD COLUMN sentry_status TEXT;
ALTER TABLE issues ADD COLUMN heard_at BIGINT;
ALTER TABLE issues ADD COLUMN looked_at BIGINT;
UPDATE issues SET sentry_status = status;

-- Times are milliseconds since 1970 UTC; ids are time-ordered integers.

CREATE TABLE workspaces (
  id INTEGER PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO workspaces (id, slug, name, created_at) VALUES (1, 'default', 'Default', 0);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  bell_read_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY,
  user_id INTEGER NOT NULL,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER
) STRICT;

CREATE TABLE services (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (workspace_id, slug)
) STRICT;

CREATE TABLE service_projects (
  workspace_id INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  service_id INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, project_slug)
) STRICT;

CREATE TABLE integrations (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  is_default INTEGER NOT NULL,
  service_id INTEGER,
  is_unsigned INTEGER NOT NULL,
  profile TEXT NOT NULL,
  service_hooks_trigger INTEGER NOT NULL,
  reopen_window_ms INTEGER NOT NULL,
  organization TEXT,
  uninstalled_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE integration_secrets (
  id INTEGER PRIMARY KEY,
  integration_id INTEGER NOT NULL,
  label TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
) STRICT;
CREATE INDEX secrets_by_integration ON integration_secrets (integration_id);

CREATE TABLE deliveries (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  resource TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  scheme TEXT NOT NULL,
  secret_id INTEGER,
  size INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  applied_at INTEGER,
  replay_of INTEGER,
  incident_id INTEGER,
  issue_id INTEGER
) STRICT;
CREATE INDEX deliveries_not_applied ON deliveries (outcome, id) WHERE outcome <> 'applied';
CREATE INDEX deliveries_by_incident ON deliveries (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX deliveries_by_replay ON deliveries (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE bodies (
  delivery_id INTEGER PRIMARY KEY,
  dictionary INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE delivery_identities (
  integration_id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  delivery_id INTEGER NOT NULL,
  PRIMARY KEY (integration_id, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_delivery ON delivery_identities (delivery_id);

CREATE TABLE issues (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER NOT NULL,
  dedup_key TEXT NOT NULL,
  sentry_issue_id TEXT,
  short_id TEXT,
  title TEXT NOT NULL,
  culprit TEXT,
  level TEXT NOT NULL,
  status TEXT NOT NULL,
  substatus TEXT,
  resolution TEXT,
  archived_until TEXT,
  platform TEXT,
  project_slug TEXT,
  project_name TEXT,
  project_id TEXT,
  error_type TEXT,
  error_value TEXT,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  sentry_event_count INTEGER NOT NULL,
  stored_event_count INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  user_count INTEGER NOT NULL,
  environment TEXT,
  release TEXT,
  permalink TEXT,
  category TEXT,
  priority TEXT,
  is_unhandled INTEGER,
  assignee TEXT,
  updated_at INTEGER NOT NULL,
  UNIQUE (integration_id, dedup_key)
) STRICT;
CREATE INDEX issues_by_last_seen ON issues (workspace_id, last_seen_at, id);
CREATE INDEX issues_by_status ON issues (workspace_id, status, last_seen_at, id);
CREATE INDEX issues_by_first_seen ON issues (workspace_id, first_seen_at, id);
CREATE INDEX issues_by_count ON issues (workspace_id, event_count, id);
CREATE INDEX issues_by_project ON issues (workspace_id, project_slug, last_seen_at, id);
CREATE INDEX issues_by_sentry_id ON issues (workspace_id, sentry_issue_id);

CREATE TABLE events (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  issue_id INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  level TEXT NOT NULL,
  title TEXT NOT NULL,
  environment TEXT,
  release TEXT,
  delivery_id INTEGER,
  detail BLOB
) STRICT;
CREATE UNIQUE INDEX events_by_issue ON events (issue_id, at, event_id);

CREATE TABLE event_buckets (
  issue_id INTEGER NOT NULL,
  hour_at INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (issue_id, hour_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER NOT NULL,
  dedup_key TEXT NOT NULL,
  issue_id INTEGER,
  incident_id INTEGER,
  is_open INTEGER NOT NULL,
  signal_count INTEGER NOT NULL,
  status_mark TEXT,
  trigger_mark TEXT,
  opened_at INTEGER,
  closed_at INTEGER,
  UNIQUE (integration_id, dedup_key)
) STRICT;
CREATE INDEX alerts_by_issue ON alerts (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX alerts_by_incident ON alerts (incident_id) WHERE incident_id IS NOT NULL;

CREATE TABLE incidents (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  service_id INTEGER,
  integration_id INTEGER NOT NULL,
  issue_id INTEGER,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  source TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  project TEXT,
  environment TEXT,
  release TEXT,
  culprit TEXT,
  alert_count INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  user_count INTEGER NOT NULL,
  assignee TEXT,
  archived_until TEXT,
  snoozed_until INTEGER,
  opened_at INTEGER NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  acknowledged_at INTEGER,
  resolved_at INTEGER,
  previous_incident_id INTEGER,
  sentry_issue_id TEXT,
  short_id TEXT,
  permalink TEXT,
  updated_at INTEGER NOT NULL,
  UNIQUE (workspace_id, number)
) STRICT;
CREATE INDEX incidents_by_status ON incidents (workspace_id, status, id, snoozed_until);
CREATE INDEX incidents_by_severity ON incidents (workspace_id, severity, status, id);
CREATE INDEX incidents_by_service ON incidents (workspace_id, service_id, status, id);
CREATE INDEX incidents_by_issue ON incidents (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX incidents_snoozed ON incidents (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE timeline (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  incident_id INTEGER,
  issue_id INTEGER,
  at INTEGER NOT NULL,
  occurred_at INTEGER,
  kind TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  delivery_id INTEGER
) STRICT;
CREATE INDEX timeline_by_incident ON timeline (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX timeline_by_issue ON timeline (issue_id, id) WHERE issue_id IS NOT NULL;

-- Things that one node at a time may do; the engine holds its row while it writes.
CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  epoch INTEGER NOT NULL
) STRICT;
INSERT INTO locks (name, epoch) VALUES ('engine', 0);

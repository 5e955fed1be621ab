-- Times are milliseconds since 1970 UTC; ids are time-ordered integers.

CREATE TABLE workspaces (
  id BIGINT PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
INSERT INTO workspaces (id, slug, name, created_at) VALUES (1, 'default', 'Default', 0);

CREATE TABLE users (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  bell_read_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  hash BYTEA PRIMARY KEY,
  user_id BIGINT NOT NULL,
  csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE tokens (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  hash BYTEA NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT
);

CREATE TABLE services (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  is_default BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, slug)
);

CREATE TABLE service_projects (
  workspace_id BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  service_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, project_slug)
);

CREATE TABLE integrations (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  key TEXT NOT NULL UNIQUE,
  is_default BOOLEAN NOT NULL,
  service_id BIGINT,
  is_unsigned BOOLEAN NOT NULL,
  profile TEXT NOT NULL,
  service_hooks_trigger BOOLEAN NOT NULL,
  reopen_window_ms BIGINT NOT NULL,
  organization TEXT,
  uninstalled_at BIGINT,
  created_at BIGINT NOT NULL
);

CREATE TABLE integration_secrets (
  id BIGINT PRIMARY KEY,
  integration_id BIGINT NOT NULL,
  label TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX secrets_by_integration ON integration_secrets (integration_id);

CREATE TABLE deliveries (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  resource TEXT NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  scheme TEXT NOT NULL,
  secret_id BIGINT,
  size BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  applied_at BIGINT,
  replay_of BIGINT,
  incident_id BIGINT,
  issue_id BIGINT
);
CREATE INDEX deliveries_not_applied ON deliveries (outcome, id) WHERE outcome <> 'applied';
CREATE INDEX deliveries_by_incident ON deliveries (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX deliveries_by_replay ON deliveries (replay_of) WHERE replay_of IS NOT NULL;

CREATE TABLE bodies (
  delivery_id BIGINT PRIMARY KEY,
  dictionary BIGINT NOT NULL,
  content BYTEA NOT NULL
);

CREATE TABLE delivery_identities (
  integration_id BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  delivery_id BIGINT NOT NULL,
  PRIMARY KEY (integration_id, hash)
);
CREATE INDEX identities_by_delivery ON delivery_identities (delivery_id);

CREATE TABLE issues (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
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
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  sentry_event_count BIGINT NOT NULL,
  stored_event_count BIGINT NOT NULL,
  event_count BIGINT NOT NULL,
  user_count BIGINT NOT NULL,
  environment TEXT,
  release TEXT,
  permalink TEXT,
  category TEXT,
  priority TEXT,
  is_unhandled BOOLEAN,
  assignee TEXT,
  updated_at BIGINT NOT NULL,
  UNIQUE (integration_id, dedup_key)
);
CREATE INDEX issues_by_last_seen ON issues (workspace_id, last_seen_at, id);
CREATE INDEX issues_by_status ON issues (workspace_id, status, last_seen_at, id);
CREATE INDEX issues_by_first_seen ON issues (workspace_id, first_seen_at, id);
CREATE INDEX issues_by_count ON issues (workspace_id, event_count, id);
CREATE INDEX issues_by_project ON issues (workspace_id, project_slug, last_seen_at, id);
CREATE INDEX issues_by_sentry_id ON issues (workspace_id, sentry_issue_id);

CREATE TABLE events (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  issue_id BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  level TEXT NOT NULL,
  title TEXT NOT NULL,
  environment TEXT,
  release TEXT,
  delivery_id BIGINT,
  detail BYTEA
);
CREATE UNIQUE INDEX events_by_issue ON events (issue_id, at, event_id);

CREATE TABLE event_buckets (
  issue_id BIGINT NOT NULL,
  hour_at BIGINT NOT NULL,
  event_count BIGINT NOT NULL,
  PRIMARY KEY (issue_id, hour_at)
);

CREATE TABLE alerts (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
  dedup_key TEXT NOT NULL,
  issue_id BIGINT,
  incident_id BIGINT,
  is_open BOOLEAN NOT NULL,
  signal_count BIGINT NOT NULL,
  status_mark TEXT,
  trigger_mark TEXT,
  opened_at BIGINT,
  closed_at BIGINT,
  UNIQUE (integration_id, dedup_key)
);
CREATE INDEX alerts_by_issue ON alerts (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX alerts_by_incident ON alerts (incident_id) WHERE incident_id IS NOT NULL;

CREATE TABLE incidents (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  service_id BIGINT,
  integration_id BIGINT NOT NULL,
  issue_id BIGINT,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  severity TEXT NOT NULL,
  source TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  project TEXT,
  environment TEXT,
  release TEXT,
  culprit TEXT,
  alert_count BIGINT NOT NULL,
  event_count BIGINT NOT NULL,
  user_count BIGINT NOT NULL,
  assignee TEXT,
  archived_until TEXT,
  snoozed_until BIGINT,
  opened_at BIGINT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  acknowledged_at BIGINT,
  resolved_at BIGINT,
  previous_incident_id BIGINT,
  sentry_issue_id TEXT,
  short_id TEXT,
  permalink TEXT,
  updated_at BIGINT NOT NULL,
  UNIQUE (workspace_id, number)
);
CREATE INDEX incidents_by_status ON incidents (workspace_id, status, id, snoozed_until);
CREATE INDEX incidents_by_severity ON incidents (workspace_id, severity, status, id);
CREATE INDEX incidents_by_service ON incidents (workspace_id, service_id, status, id);
CREATE INDEX incidents_by_issue ON incidents (issue_id) WHERE issue_id IS NOT NULL;
CREATE INDEX incidents_snoozed ON incidents (snoozed_until) WHERE snoozed_until IS NOT NULL;

CREATE TABLE timeline (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  incident_id BIGINT,
  issue_id BIGINT,
  at BIGINT NOT NULL,
  occurred_at BIGINT,
  kind TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  summary TEXT NOT NULL,
  body TEXT NOT NULL,
  delivery_id BIGINT
);
CREATE INDEX timeline_by_incident ON timeline (incident_id, id) WHERE incident_id IS NOT NULL;
CREATE INDEX timeline_by_issue ON timeline (issue_id, id) WHERE issue_id IS NOT NULL;

-- Things that one node at a time may do; the engine holds its row while it writes.
CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  epoch BIGINT NOT NULL
);
INSERT INTO locks (name, epoch) VALUES ('engine', 0);

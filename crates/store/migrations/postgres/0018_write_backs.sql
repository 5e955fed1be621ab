-- What people do here and Sentry is to be told. Of the status and of the assignee of an issue only
-- the last counts (`which` is 0); notes are told one by one (`which` is the row's id).
CREATE TABLE write_backs (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT NOT NULL,
  dedup_key TEXT NOT NULL,
  matter TEXT NOT NULL,
  which BIGINT NOT NULL,
  sentry_issue_id TEXT NOT NULL,
  issue_id BIGINT,
  incident_id BIGINT,
  said TEXT NOT NULL,
  before_status TEXT,
  actor TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  attempt_count BIGINT NOT NULL,
  sent TEXT,
  told_at BIGINT,
  comment_id TEXT,
  reason TEXT NOT NULL,
  UNIQUE (integration_id, dedup_key, matter, which)
);
CREATE INDEX write_backs_due ON write_backs (due_at, id) WHERE state = 'waiting';
CREATE INDEX write_backs_by_issue ON write_backs (issue_id, id);
CREATE INDEX write_backs_by_incident ON write_backs (incident_id, id);

-- What each connection to Sentry is told, where it was chosen; and whether its token may not.
CREATE TABLE write_back_settings (
  connection_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  scope TEXT,
  refused_at BIGINT,
  refusal TEXT
);

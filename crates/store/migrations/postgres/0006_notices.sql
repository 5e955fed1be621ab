-- Who is told, what they were told, and what is still to be said.

-- target is JSON with its version and secrets, settings JSON with its version.
CREATE TABLE destinations (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  target TEXT NOT NULL,
  settings TEXT NOT NULL,
  is_enabled BIGINT NOT NULL,
  disabled_why TEXT,
  failing_since BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX destinations_by_workspace ON destinations (workspace_id, id);

-- Which services a destination hears of; a destination without any row hears of all.
CREATE TABLE destination_services (
  destination_id BIGINT NOT NULL,
  service_id BIGINT NOT NULL,
  PRIMARY KEY (destination_id, service_id)
);

-- silence is JSON with its version.
CREATE TABLE silences (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  silence TEXT NOT NULL,
  ends_at BIGINT NOT NULL
);
CREATE INDEX silences_by_end ON silences (workspace_id, ends_at);

-- Incidents that must be planned (again).
CREATE TABLE plan_queue (
  incident_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  due_at BIGINT NOT NULL
);
CREATE INDEX plans_due ON plan_queue (due_at, incident_id);

-- What each destination was last told of an incident, and what was last decided about it: log and
-- verdict are JSON, card is how the other side calls the message that is edited in place.
CREATE TABLE told (
  incident_id BIGINT NOT NULL,
  destination_id BIGINT NOT NULL,
  log TEXT NOT NULL,
  verdict TEXT NOT NULL,
  planned_at BIGINT NOT NULL,
  card TEXT,
  PRIMARY KEY (incident_id, destination_id)
);

-- Notices, with what came of them: waiting, delivered, failed, replaced or dropped. address: an
-- e-mail address where there is no destination.
CREATE TABLE outbox (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  destination_id BIGINT,
  address TEXT,
  incident_id BIGINT,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  attempt_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at BIGINT,
  last_answer TEXT
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state = 'waiting';
CREATE INDEX outbox_by_workspace ON outbox (workspace_id, id);
CREATE INDEX outbox_by_incident ON outbox (incident_id, id);
CREATE INDEX outbox_by_destination ON outbox (destination_id, id);

CREATE TABLE attempts (
  notice_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  answer TEXT NOT NULL,
  PRIMARY KEY (notice_id, number)
);

-- What may mute other incidents: metric alerts and the like.
CREATE INDEX incidents_open_alerts ON incidents (workspace_id, id)
  WHERE issue_id IS NULL AND status <> 'resolved';

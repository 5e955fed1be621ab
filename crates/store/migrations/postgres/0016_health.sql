-- What Epicenter knows of its own health: counts, daily sizes, beats of its workers, its canary.

-- Requests per integration, hour and outcome: verdicts, 'refused' and 'not_stored'.
CREATE TABLE delivery_counts (
  integration_id BIGINT NOT NULL,
  hour_at BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  workspace_id BIGINT NOT NULL,
  request_count BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (integration_id, hour_at, outcome)
);
CREATE INDEX delivery_counts_by_hour ON delivery_counts (hour_at);

-- What retention took away, per day and kind of thing.
CREATE TABLE removed_rows (
  day_at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (day_at, kind)
);

-- How large the database was, once a day.
CREATE TABLE size_samples (
  day_at BIGINT PRIMARY KEY,
  total_bytes BIGINT NOT NULL
);

-- When each worker of each node last did its work, and when and why it last failed.
CREATE TABLE worker_beats (
  node BIGINT NOT NULL,
  name TEXT NOT NULL,
  done_at BIGINT,
  failed_at BIGINT,
  failure TEXT,
  PRIMARY KEY (node, name)
);

-- Deliveries that Epicenter sends to itself. outcome: waiting, passed or failed.
CREATE TABLE canary_runs (
  id BIGINT PRIMARY KEY,
  started_at BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  stage TEXT NOT NULL,
  detail TEXT NOT NULL,
  duration_ms BIGINT NOT NULL
);

-- What Epicenter warns of at the moment, by the dedup key of its own incident.
CREATE TABLE self_alarms (
  workspace_id BIGINT NOT NULL,
  dedup_key TEXT NOT NULL,
  raised_at BIGINT NOT NULL,
  says TEXT NOT NULL,
  PRIMARY KEY (workspace_id, dedup_key)
);

-- New issues of a day: how many webhooks told of, and how many only the sync found.
CREATE TABLE capture_days (
  workspace_id BIGINT NOT NULL,
  day_at BIGINT NOT NULL,
  heard_count BIGINT NOT NULL,
  synced_count BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, day_at)
);

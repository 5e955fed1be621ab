-- What Epicenter knows of its own health: counts, daily sizes, beats of its workers, its canary.

-- Requests per integration, hour and outcome: verdicts, 'refused' and 'not_stored'.
CREATE TABLE delivery_counts (
  integration_id INTEGER NOT NULL,
  hour_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  workspace_id INTEGER NOT NULL,
  request_count INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (integration_id, hour_at, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_counts_by_hour ON delivery_counts (hour_at);

-- What retention took away, per day and kind of thing.
CREATE TABLE removed_rows (
  day_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  PRIMARY KEY (day_at, kind)
) STRICT, WITHOUT ROWID;

-- How large the database was, once a day.
CREATE TABLE size_samples (
  day_at INTEGER PRIMARY KEY,
  total_bytes INTEGER NOT NULL
) STRICT;

-- When each worker of each node last did its work, and when and why it last failed.
CREATE TABLE worker_beats (
  node INTEGER NOT NULL,
  name TEXT NOT NULL,
  done_at INTEGER,
  failed_at INTEGER,
  failure TEXT,
  PRIMARY KEY (node, name)
) STRICT, WITHOUT ROWID;

-- Deliveries that Epicenter sends to itself. outcome: waiting, passed or failed.
CREATE TABLE canary_runs (
  id INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  stage TEXT NOT NULL,
  detail TEXT NOT NULL,
  duration_ms INTEGER NOT NULL
) STRICT;

-- What Epicenter warns of at the moment, by the dedup key of its own incident.
CREATE TABLE self_alarms (
  workspace_id INTEGER NOT NULL,
  dedup_key TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  says TEXT NOT NULL,
  PRIMARY KEY (workspace_id, dedup_key)
) STRICT, WITHOUT ROWID;

-- New issues of a day: how many webhooks told of, and how many only the sync found.
CREATE TABLE capture_days (
  workspace_id INTEGER NOT NULL,
  day_at INTEGER NOT NULL,
  heard_count INTEGER NOT NULL,
  synced_count INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, day_at)
) STRICT, WITHOUT ROWID;

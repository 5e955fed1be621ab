-- How many events came, in hours that later become days. An empty text: not told.
CREATE TABLE event_counts (
  workspace_id INTEGER NOT NULL,
  width_ms INTEGER NOT NULL,
  at INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  environment TEXT NOT NULL,
  level TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, width_ms, at, project_slug, environment, level)
) STRICT, WITHOUT ROWID;

-- The same per release; events that name none are not in it.
CREATE TABLE release_counts (
  workspace_id INTEGER NOT NULL,
  width_ms INTEGER NOT NULL,
  release TEXT NOT NULL,
  at INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  environment TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, width_ms, release, at, project_slug, environment)
) STRICT, WITHOUT ROWID;
CREATE INDEX release_counts_by_time ON release_counts (width_ms, at);

-- What was counted before is known by project only.
INSERT INTO event_counts
  (workspace_id, width_ms, at, project_slug, environment, level, event_count)
SELECT workspace_id, 3600000, at - at % 3600000, project_slug, '', '', SUM(event_count)
FROM event_rates WHERE at >= 0 GROUP BY workspace_id, at - at % 3600000, project_slug;

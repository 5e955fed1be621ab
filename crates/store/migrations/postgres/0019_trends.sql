-- How many events came, in hours that later become days. An empty text: not told.
CREATE TABLE event_counts (
  workspace_id BIGINT NOT NULL,
  width_ms BIGINT NOT NULL,
  at BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  environment TEXT NOT NULL,
  level TEXT NOT NULL,
  event_count BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, width_ms, at, project_slug, environment, level)
);

-- The same per release; events that name none are not in it.
CREATE TABLE release_counts (
  workspace_id BIGINT NOT NULL,
  width_ms BIGINT NOT NULL,
  release TEXT NOT NULL,
  at BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  environment TEXT NOT NULL,
  event_count BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, width_ms, release, at, project_slug, environment)
);
CREATE INDEX release_counts_by_time ON release_counts (width_ms, at);

-- What was counted before is known by project only.
INSERT INTO event_counts
  (workspace_id, width_ms, at, project_slug, environment, level, event_count)
SELECT workspace_id, 3600000, at - at % 3600000, project_slug, '', '', CAST(SUM(event_count) AS BIGINT)
FROM event_rates WHERE at >= 0 GROUP BY workspace_id, at - at % 3600000, project_slug;

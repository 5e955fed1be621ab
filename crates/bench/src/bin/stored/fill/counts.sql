-- What is counted of events: by issue and hour, and by project, environment and release.

INSERT INTO event_buckets (issue_id, hour_at, event_count)
SELECT issue_id, at - at % 3600000, count(*) FROM events
WHERE (issue_id & {NODE}) = {NODE} GROUP BY 1, 2;

CREATE TEMP TABLE tally AS
SELECT e.at - e.at % 600000 AS at, 'project-' || p.project AS project, e.environment, e.release,
  CASE p.severity WHEN 'critical' THEN 'fatal' ELSE p.severity END AS level, count(*) AS n
FROM main.events e JOIN plan p
  ON p.i = ((e.issue_id >> 22) + {EPOCH} - {START}) / {STEP}
WHERE (e.issue_id & {NODE}) = {NODE} GROUP BY 1, 2, 3, 4, 5;

INSERT INTO event_rates (workspace_id, at, project_slug, event_count)
SELECT 1, at, project, sum(n) FROM tally GROUP BY 1, 2, 3;

INSERT INTO event_counts
  (workspace_id, width_ms, at, project_slug, environment, level, event_count)
SELECT 1, width, at - at % width, project, environment, level, sum(n) FROM (
  SELECT *, CASE WHEN at < {NOW} - 15 * 86400000 THEN 86400000 ELSE 3600000 END AS width
  FROM tally) GROUP BY 2, 3, 4, 5, 6;

INSERT INTO release_counts
  (workspace_id, width_ms, release, at, project_slug, environment, event_count)
SELECT 1, width, release, at - at % width, project, environment, sum(n) FROM (
  SELECT *, CASE WHEN at < {NOW} - 15 * 86400000 THEN 86400000 ELSE 3600000 END AS width
  FROM tally) GROUP BY 2, 3, 4, 5, 6;

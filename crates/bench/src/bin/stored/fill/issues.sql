-- Issue, alert and incident {N} times, over 90 days; ids of one of them follow each other.

CREATE TEMP TABLE base_issues AS
SELECT row_number() OVER (ORDER BY id) - 1 AS k, * FROM main.issues;
CREATE UNIQUE INDEX temp.base_issues_by_k ON base_issues (k);

CREATE TEMP TABLE plan AS
SELECT i, {START} + i * {STEP} AS at,
  (({START} + i * {STEP} - {EPOCH}) << 22) | {NODE} | 1 AS issue_id,
  6000000200 + i * 7919 % {N} AS number,
  (i % 7) * (i % 6) AS project,
  i % {OPEN} = 7 AS is_open,
  CASE WHEN i < {N} / 100 * 99 THEN 900000 * (1 + i % 47) ELSE 30000 * (1 + i % 4) END AS lasts,
  CASE i % 20 WHEN 0 THEN 'critical' WHEN 18 THEN 'info' WHEN 19 THEN 'info'
    ELSE CASE WHEN i % 20 < 13 THEN 'error' ELSE 'warning' END END AS severity
FROM series WHERE i <= {N};
CREATE UNIQUE INDEX temp.plan_by_i ON plan (i);

CREATE TEMP TABLE seen AS
SELECT issue_id, count(*) AS event_count, max(at) AS last_at
FROM main.events GROUP BY issue_id;
CREATE UNIQUE INDEX temp.seen_by_issue ON seen (issue_id);

INSERT INTO services (id, workspace_id, name, slug, is_default, created_at)
SELECT {SERVICE} + i, 1, 'Service ' || i, 'service-' || i, 0, {START} FROM series WHERE i <= 10;

INSERT INTO service_projects (workspace_id, project_slug, service_id)
SELECT 1, 'project-' || (i - 1), {SERVICE} + 1 + (i - 1) % 10 FROM series WHERE i <= 31;

INSERT INTO issues (id, workspace_id, integration_id, dedup_key, sentry_issue_id, short_id, title,
  culprit, level, status, platform, project_slug, project_id, error_type, error_value,
  first_seen_at, last_seen_at, sentry_event_count, stored_event_count, event_count, user_count,
  environment, release, permalink, updated_at, sentry_status, heard_at)
SELECT p.issue_id, 1, b.integration_id, 'sentry-' || p.number, p.number,
  printf('PROJECT-%d-%X', p.project, p.i), replace(b.title, ' must', ' of ' || p.i || ' must'),
  b.culprit, CASE p.severity WHEN 'critical' THEN 'fatal' ELSE p.severity END,
  CASE WHEN p.is_open THEN 'unresolved' WHEN p.i % 10 = 0 THEN 'ignored'
    WHEN p.i % 10 < 3 THEN 'unresolved' ELSE 'resolved' END,
  b.platform, 'project-' || p.project, b.project_id, b.error_type,
  replace(b.error_value, ' must', ' of ' || p.i || ' must'),
  p.at, coalesce(s.last_at, p.at), 0, coalesce(s.event_count, 1), coalesce(s.event_count, 1),
  p.i % 40, CASE WHEN p.i % 5 = 0 THEN 'staging' ELSE 'production' END,
  'shop@2.' || (p.i * 90 / {N}), b.permalink, coalesce(s.last_at, p.at), 'unresolved', p.at
FROM plan p JOIN base_issues b ON b.k = p.i % 200
LEFT JOIN seen s ON s.issue_id = p.issue_id ORDER BY p.i;

INSERT INTO issue_watches (issue_id, workspace_id, watch, muted_events)
SELECT p.issue_id, 1, (SELECT watch FROM main.issue_watches LIMIT 1), 0 FROM plan p ORDER BY p.i;

INSERT INTO alerts (id, workspace_id, integration_id, dedup_key, issue_id, incident_id, is_open,
  signal_count, trigger_mark, opened_at, closed_at)
SELECT p.issue_id + 1, 1, b.integration_id, 'sentry-' || p.number, p.issue_id, p.issue_id + 2,
  p.is_open, coalesce(s.event_count, 1),
  '{"kind":"trigger","sent_at":' || p.at || ',"occurred_at":' || p.at || '}', p.at,
  CASE WHEN p.is_open THEN NULL ELSE p.at + p.lasts END
FROM plan p JOIN base_issues b ON b.k = p.i % 200
LEFT JOIN seen s ON s.issue_id = p.issue_id ORDER BY p.i;

INSERT INTO incidents (id, workspace_id, number, service_id, integration_id, issue_id, title,
  status, severity, source, dedup_key, project, environment, release, culprit, alert_count,
  event_count, user_count, snoozed_until, opened_at, first_seen_at, last_seen_at,
  acknowledged_at, resolved_at, sentry_issue_id, short_id, permalink, updated_at, triggered_at,
  suspended_until)
SELECT w.id + 2, 1, 1000 + p.i, {SERVICE} + 1 + p.project % 10, w.integration_id, w.id, w.title,
  CASE WHEN NOT p.is_open THEN 'resolved' WHEN p.i / {OPEN} % 40 = 0 THEN 'suspended'
    WHEN p.i / {OPEN} % 2 = 0 THEN 'acknowledged' ELSE 'triggered' END,
  p.severity, 'Sentry - ' || w.project_slug, w.dedup_key, w.project_slug, w.environment,
  w.release, w.culprit, 1, w.event_count, w.user_count,
  CASE WHEN p.is_open AND p.i / {OPEN} % 10 = 2 THEN {NOW} + 86400000 + p.i % 86400000 END,
  p.at, p.at, w.last_seen_at,
  CASE WHEN p.i % 3 = 0 OR p.is_open AND p.i / {OPEN} % 2 = 0 THEN p.at + 15000 END,
  CASE WHEN p.is_open THEN NULL ELSE p.at + p.lasts END,
  w.sentry_issue_id, w.short_id, w.permalink, p.at + p.lasts, p.at,
  CASE WHEN p.is_open AND p.i / {OPEN} % 40 = 0 THEN {NOW} + 86400000 END
FROM plan p JOIN main.issues w ON w.id = p.issue_id ORDER BY p.i;

INSERT INTO timeline (id, workspace_id, incident_id, issue_id, at, occurred_at, kind, actor_kind,
  actor_id, actor_name, summary, body)
SELECT p.issue_id + 3, 1, p.issue_id + 2, p.issue_id, p.at, p.at, 'incident.opened',
  'application', 'sentry', 'Sentry',
  'Opened as error: the alert rule “Send a notification for every issue” fired', ''
FROM plan p ORDER BY p.i;

INSERT INTO timeline (id, workspace_id, incident_id, issue_id, at, kind, actor_kind, actor_id,
  actor_name, summary, body)
SELECT n.id + (15000 << 22) + 2, 1, n.id, n.issue_id, n.acknowledged_at,
  'incident.acknowledged', 'user', 'usr_0000000000001', 'Ann', 'Acknowledged', ''
FROM incidents n WHERE n.acknowledged_at IS NOT NULL AND n.number > 1000 ORDER BY n.id;

INSERT INTO timeline (id, workspace_id, incident_id, issue_id, at, kind, actor_kind, actor_id,
  actor_name, summary, body)
SELECT n.id + ((n.resolved_at - n.opened_at) << 22) + 3 + n.number % 500 * 8, 1, n.id, n.issue_id, n.resolved_at,
  'incident.resolved', 'application', 'sentry', 'Sentry', 'Resolved in Sentry', ''
FROM incidents n WHERE n.status = 'resolved' AND n.number > 1000 ORDER BY n.id;

-- A record of the memory per incident, with its references and words.

CREATE TEMP TABLE base_records AS
SELECT row_number() OVER (ORDER BY o.id) - 1 AS k, o.*, w.sentry_issue_id AS old
FROM main.observations o JOIN main.issues w ON w.id = o.issue_id;
CREATE UNIQUE INDEX temp.base_records_by_k ON base_records (k);

INSERT INTO observations (id, workspace_id, source, source_type, source_id, title, body, actor_id,
  actor_name, occurred_at, recorded_at, service_id, incident_id, issue_id, named, metadata)
SELECT n.id + 4, 1, b.source, CASE n.number % 3 WHEN 0 THEN b.source_type
    WHEN 1 THEN 'issue.created' ELSE 'issue.resolved' END, 'issue:' || n.sentry_issue_id, n.title,
  replace(b.body, ' must', ' of ' || n.number || ' must'), b.actor_id, b.actor_name, n.opened_at,
  n.opened_at, n.service_id, n.id, n.issue_id,
  json_set(replace(replace(b.named, b.old, n.sentry_issue_id), 'part_2',
    'part_' || n.number % 997), '$[6].id', 'inc_' || {SHOWN}, '$[0].id', n.release),
  replace(b.metadata, b.old, n.sentry_issue_id)
FROM main.incidents n JOIN base_records b ON b.k = n.number % 200
WHERE n.number > 1000 ORDER BY n.id;

INSERT INTO observation_references (workspace_id, kind, name, observation_id)
SELECT 1, r.value ->> '$.type', r.value ->> '$.id', o.id
FROM main.observations o, json_each(o.named) r
WHERE (o.id & {NODE}) = {NODE} ORDER BY 2, 3, 4;

INSERT INTO observation_words (rowid, words)
SELECT id, lower(title || ' ' || actor_name || ' ' || source_id || ' ' || named || ' ' || body)
FROM main.observations WHERE (id & {NODE}) = {NODE} ORDER BY id;

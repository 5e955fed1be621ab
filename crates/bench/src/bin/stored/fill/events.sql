-- {M} events: half of them of the issues of their time, half of one issue in a hundred, and one in
-- a hundred of the first issue. The events of the last 14 days come with {D} deliveries.

CREATE TEMP TABLE series (i INTEGER PRIMARY KEY);
INSERT INTO series
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {MOST}) SELECT i FROM n;

INSERT INTO events (id, workspace_id, issue_id, event_id, at, level, title, environment, release,
  delivery_id)
SELECT ((e.at - {EPOCH}) << 22) | {NODE} | 1, 1,
  (({START} + e.issue * {STEP} - {EPOCH}) << 22) | {NODE} | 1,
  lower(hex(randomblob(16))), e.at, 'error', 'ValueError: amount ' || e.issue % 200 ||
  ' of ' || e.issue || ' must be positive', CASE WHEN e.issue % 5 = 0 THEN 'staging'
  ELSE 'production' END, 'shop@2.' || (e.i * 90 / {M}),
  CASE WHEN e.at > {NOW} - 14 * 86400000 AND e.i % {STRIDE} = 0
    THEN ((e.at - {EPOCH}) << 22) | {NODE} | 2 END
FROM (SELECT i, {START} + i * {SPAN} / {M} AS at,
  CASE WHEN i % 100 = 0 THEN 1
    WHEN i % 2 = 0 THEN max(1, i * 7919 % max(1, i * {N} / {M} / 100) * 100)
    ELSE max(1, i * {N} / {M} - i * 104729 % 1000) END AS issue
  FROM series WHERE i <= {M}) AS e;

CREATE TEMP TABLE base_bodies AS
SELECT row_number() OVER (ORDER BY b.delivery_id) - 1 AS k, d.integration_id, d.secret_id, d.size,
  b.dictionary, b.content
FROM main.bodies b JOIN main.deliveries d ON d.id = b.delivery_id LIMIT 200;
CREATE UNIQUE INDEX temp.base_bodies_by_k ON base_bodies (k);

INSERT INTO deliveries (id, workspace_id, integration_id, received_at, resource, action, outcome,
  reason, scheme, secret_id, size, attempts, applied_at, incident_id, issue_id)
SELECT e.delivery_id, 1, b.integration_id, e.at,
  CASE e.delivery_id / 4194304 % 10 WHEN 0 THEN 'issue' ELSE 'event_alert' END, 'triggered',
  CASE e.delivery_id / 4194304 % 50 WHEN 1 THEN 'duplicate' WHEN 2 THEN 'ignored'
    ELSE 'applied' END, 'Absorbed by the open incident', 'signature', b.secret_id, b.size, 0,
  e.at + 40, e.issue_id + 2, e.issue_id
FROM main.events e JOIN base_bodies b ON b.k = e.at % 200
WHERE e.id > (({NOW} - 14 * 86400000 - {EPOCH}) << 22) AND e.delivery_id & 3 = 2
AND (e.delivery_id & {NODE}) = {NODE} ORDER BY e.id;

INSERT INTO bodies (delivery_id, dictionary, content)
SELECT d.id, b.dictionary, b.content FROM main.deliveries d
JOIN base_bodies b ON b.k = d.received_at % 200
WHERE NOT EXISTS (SELECT 1 FROM main.bodies o WHERE o.delivery_id = d.id) ORDER BY d.id;

INSERT INTO delivery_identities (integration_id, hash, delivery_id)
SELECT integration_id, randomblob(16), id FROM main.deliveries WHERE (id & {NODE}) = {NODE};

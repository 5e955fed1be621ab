-- What was done: commits, pushes, deploys and releases, and who is suspected.

INSERT INTO repositories (id, workspace_id, name, provider, created_at)
SELECT {SERVICE} + 100 + i, 1, 'acme/part-' || i, 'github', {START} FROM series WHERE i <= 5;

INSERT INTO service_repositories (repository_id, service_id)
SELECT {SERVICE} + 101 + i % 5, {SERVICE} + i FROM series WHERE i <= 10;

INSERT INTO commits (id, workspace_id, repository_id, sha, message, author, author_key,
  authored_at, committed_at, is_merge, received_at)
SELECT (({START} + i * {STEP} * 50 - {EPOCH}) << 22) | {NODE} | 1, 1, {SERVICE} + 101 + i / 4 % 5,
  lower(hex(randomblob(20))), 'Change amount ' || i, 'Ann',
  'ann', {START} + i * {STEP} * 50, {START} + i * {STEP} * 50, 0, {START} + i * {STEP} * 50
FROM series WHERE i <= {N} / 50;

INSERT INTO pushes (id, workspace_id, repository_id, branch, is_tag, after_sha, commit_count,
  is_truncated, is_forced, actor, at)
SELECT c.id + 1, 1, c.repository_id, 'main', 0, c.sha, 4, 0, 0,
  'Ann', c.received_at
FROM main.commits c WHERE ((c.id >> 22) + {EPOCH} - {START}) / {STEP} / 50 % 4 = 3;

INSERT INTO push_commits (push_id, position, commit_id)
SELECT p.id, n.i - 1, p.id - 1 - (({STEP} * 50 * (n.i - 1)) << 22)
FROM main.pushes p CROSS JOIN series n WHERE n.i <= 3;

INSERT INTO deploys (id, workspace_id, dedup_key, line, version, sha, environment, repository_id,
  service_id, status, started_at, finished_at, at, actor, received_at)
SELECT p.id + 1, 1, 'deploy-' || p.id, 'production ' || p.repository_id,
  'shop@2.' || ((p.at - {START}) / 86400000), p.after_sha, 'production', p.repository_id,
  {SERVICE} + 1 + p.at / 86400000 % 10, 'succeeded', p.at, p.at + 60000, p.at + 60000,
  p.actor, p.at + 60000
FROM main.pushes p;

INSERT INTO deploy_commits (deploy_id, position, commit_id)
SELECT push_id + 1, position, commit_id FROM main.push_commits;

INSERT INTO releases (id, workspace_id, version, repository_id, sha, is_archived, has_commits,
  actor, created_at, released_at)
SELECT d.id + 1, 1, 'shop@2.' || ((d.at - {START}) / 86400000) || '-' || d.id, d.repository_id,
  d.sha, 0, 1, d.actor, d.at, d.at
FROM main.deploys d WHERE (d.at - 60000 - {START}) / ({STEP} * 200) % 5 = 0;

INSERT INTO release_projects (workspace_id, project_slug, release_id)
SELECT 1, 'project-' || ((created_at - 60000 - {START}) / ({STEP} * 1000) % 31), id FROM main.releases;

INSERT INTO release_commits (release_id, position, commit_id)
SELECT r.id, c.position, c.commit_id FROM main.releases r
JOIN main.deploy_commits c ON c.deploy_id = r.id - 1;

INSERT INTO rankings (incident_id, workspace_id, ranked_at, deploy_id, is_convincing, why,
  candidate_count)
SELECT p.issue_id + 2, 1, p.at + 3000, CASE WHEN p.i % 3 = 0 THEN
  (SELECT max(d.id) FROM main.deploys d WHERE d.id < p.issue_id) END, p.i % 3 = 0,
  (SELECT why FROM main.rankings LIMIT 1), p.i % 9
FROM plan p ORDER BY p.i;

INSERT INTO suspects (incident_id, rank, kind, commit_id, deploy_id, score, reasons, files)
SELECT r.incident_id, c.position + 1, 'commit', c.commit_id, r.deploy_id, 90 - 20 * c.position,
  '[]', '[]'
FROM main.rankings r JOIN main.deploy_commits c ON c.deploy_id = r.deploy_id;

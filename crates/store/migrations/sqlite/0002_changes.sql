-- What was done: repositories, commits, releases, deploys; and who is suspected.

CREATE TABLE repositories (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  url TEXT,
  default_branch TEXT,
  clone_path TEXT,
  created_at INTEGER NOT NULL,
  UNIQUE (workspace_id, name)
) STRICT;

CREATE TABLE service_repositories (
  repository_id INTEGER NOT NULL,
  service_id INTEGER NOT NULL,
  PRIMARY KEY (repository_id, service_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX repositories_by_service ON service_repositories (service_id);

-- Stack paths to repository paths.
CREATE TABLE code_mappings (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  repository_id INTEGER NOT NULL,
  stack_prefix TEXT NOT NULL,
  source_prefix TEXT NOT NULL,
  is_confirmed INTEGER NOT NULL,
  match_count INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (workspace_id, project_slug, repository_id, stack_prefix)
) STRICT;

-- `detail` is the packed list of files; null when nobody sent one.
CREATE TABLE commits (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  sha TEXT NOT NULL,
  message TEXT NOT NULL,
  author TEXT NOT NULL,
  author_key TEXT NOT NULL,
  authored_at INTEGER,
  committed_at INTEGER,
  url TEXT,
  is_merge INTEGER,
  reverts_sha TEXT,
  received_at INTEGER NOT NULL,
  detail BLOB,
  UNIQUE (repository_id, sha)
) STRICT;

CREATE TABLE pushes (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  repository_id INTEGER NOT NULL,
  branch TEXT NOT NULL,
  is_tag INTEGER NOT NULL,
  before_sha TEXT,
  after_sha TEXT,
  commit_count INTEGER NOT NULL,
  total_count INTEGER,
  is_truncated INTEGER NOT NULL,
  is_forced INTEGER NOT NULL,
  actor TEXT NOT NULL,
  url TEXT,
  at INTEGER NOT NULL,
  delivery_id INTEGER
) STRICT;
CREATE INDEX pushes_by_branch ON pushes (repository_id, branch, id);
CREATE INDEX pushes_by_time ON pushes (workspace_id, at, id);
CREATE INDEX pushes_by_repository ON pushes (repository_id, id);

-- Newest first: position 0 is the head.
CREATE TABLE push_commits (
  push_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  commit_id INTEGER NOT NULL,
  PRIMARY KEY (push_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_by_commit ON push_commits (commit_id, push_id);

CREATE TABLE releases (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  version TEXT NOT NULL,
  repository_id INTEGER,
  sha TEXT,
  previous_sha TEXT,
  url TEXT,
  is_archived INTEGER NOT NULL,
  has_commits INTEGER NOT NULL,
  actor TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  released_at INTEGER,
  UNIQUE (workspace_id, version)
) STRICT;
CREATE INDEX releases_by_time ON releases (workspace_id, created_at, id);
CREATE INDEX releases_by_sha ON releases (repository_id, sha) WHERE sha IS NOT NULL;

CREATE TABLE release_projects (
  workspace_id INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  release_id INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, project_slug, release_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX projects_by_release ON release_projects (release_id, project_slug);

CREATE TABLE release_commits (
  release_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  commit_id INTEGER NOT NULL,
  PRIMARY KEY (release_id, position)
) STRICT, WITHOUT ROWID;

-- `line` says which deploys follow each other: same environment and repository, service or project.
CREATE TABLE deploys (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  integration_id INTEGER,
  dedup_key TEXT NOT NULL,
  line TEXT NOT NULL,
  version TEXT,
  sha TEXT,
  environment TEXT NOT NULL,
  repository_id INTEGER,
  service_id INTEGER,
  project_slug TEXT,
  name TEXT,
  status TEXT NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  at INTEGER NOT NULL,
  url TEXT,
  actor TEXT NOT NULL,
  previous_id INTEGER,
  rollback_to_id INTEGER,
  received_at INTEGER NOT NULL,
  delivery_id INTEGER,
  UNIQUE (workspace_id, dedup_key)
) STRICT;
CREATE INDEX rollbacks_by_previous ON deploys (previous_id) WHERE rollback_to_id IS NOT NULL;
CREATE INDEX deploys_by_time ON deploys (workspace_id, at, id);
CREATE INDEX deploys_by_line ON deploys (workspace_id, line, at, id);
CREATE INDEX deploys_by_version ON deploys (workspace_id, version, at) WHERE version IS NOT NULL;
CREATE INDEX deploys_by_sha ON deploys (workspace_id, sha, at) WHERE sha IS NOT NULL;

CREATE TABLE deploy_commits (
  deploy_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  commit_id INTEGER NOT NULL,
  PRIMARY KEY (deploy_id, position)
) STRICT, WITHOUT ROWID;

-- Incidents whose suspects must be ranked (anew).
CREATE TABLE ranking_queue (
  incident_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX rankings_due ON ranking_queue (due_at, incident_id);

CREATE TABLE rankings (
  incident_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  ranked_at INTEGER NOT NULL,
  deploy_id INTEGER,
  is_convincing INTEGER NOT NULL,
  why TEXT NOT NULL,
  candidate_count INTEGER NOT NULL
) STRICT;
CREATE INDEX rankings_by_deploy ON rankings (deploy_id, incident_id) WHERE deploy_id IS NOT NULL;

CREATE TABLE suspects (
  incident_id INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  kind TEXT NOT NULL,
  commit_id INTEGER,
  deploy_id INTEGER,
  score INTEGER NOT NULL,
  reasons TEXT NOT NULL,
  files TEXT NOT NULL,
  PRIMARY KEY (incident_id, rank)
) STRICT, WITHOUT ROWID;

-- What people (or Sentry's resolved-in-commit) said of a suspect; `shown_rank` is where it stood.
CREATE TABLE suspect_feedback (
  incident_id INTEGER NOT NULL,
  subject TEXT NOT NULL,
  workspace_id INTEGER NOT NULL,
  verdict TEXT NOT NULL,
  shown_rank INTEGER,
  is_convincing INTEGER NOT NULL,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (incident_id, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX feedback_by_time ON suspect_feedback (workspace_id, at);

-- Events per project and ten minutes, to be drawn under deploys; an empty slug is no project.
CREATE TABLE event_rates (
  workspace_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  project_slug TEXT NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, at, project_slug)
) STRICT, WITHOUT ROWID;

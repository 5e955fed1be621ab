-- What was done: repositories, commits, releases, deploys; and who is suspected.

CREATE TABLE repositories (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  url TEXT,
  default_branch TEXT,
  clone_path TEXT,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name)
);

CREATE TABLE service_repositories (
  repository_id BIGINT NOT NULL,
  service_id BIGINT NOT NULL,
  PRIMARY KEY (repository_id, service_id)
);
CREATE INDEX repositories_by_service ON service_repositories (service_id);

-- Stack paths to repository paths.
CREATE TABLE code_mappings (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  repository_id BIGINT NOT NULL,
  stack_prefix TEXT NOT NULL,
  source_prefix TEXT NOT NULL,
  is_confirmed BOOLEAN NOT NULL,
  match_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (workspace_id, project_slug, repository_id, stack_prefix)
);

-- `detail` is the packed list of files; null when nobody sent one.
CREATE TABLE commits (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  repository_id BIGINT NOT NULL,
  sha TEXT NOT NULL,
  message TEXT NOT NULL,
  author TEXT NOT NULL,
  author_key TEXT NOT NULL,
  authored_at BIGINT,
  committed_at BIGINT,
  url TEXT,
  is_merge BOOLEAN,
  reverts_sha TEXT,
  received_at BIGINT NOT NULL,
  detail BYTEA,
  UNIQUE (repository_id, sha)
);

CREATE TABLE pushes (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  repository_id BIGINT NOT NULL,
  branch TEXT NOT NULL,
  is_tag BOOLEAN NOT NULL,
  before_sha TEXT,
  after_sha TEXT,
  commit_count BIGINT NOT NULL,
  total_count BIGINT,
  is_truncated BOOLEAN NOT NULL,
  is_forced BOOLEAN NOT NULL,
  actor TEXT NOT NULL,
  url TEXT,
  at BIGINT NOT NULL,
  delivery_id BIGINT
);
CREATE INDEX pushes_by_branch ON pushes (repository_id, branch, id);
CREATE INDEX pushes_by_time ON pushes (workspace_id, at, id);
CREATE INDEX pushes_by_repository ON pushes (repository_id, id);

-- Newest first: position 0 is the head.
CREATE TABLE push_commits (
  push_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  commit_id BIGINT NOT NULL,
  PRIMARY KEY (push_id, position)
);
CREATE INDEX pushes_by_commit ON push_commits (commit_id, push_id);

CREATE TABLE releases (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  version TEXT NOT NULL,
  repository_id BIGINT,
  sha TEXT,
  previous_sha TEXT,
  url TEXT,
  is_archived BOOLEAN NOT NULL,
  has_commits BOOLEAN NOT NULL,
  actor TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  released_at BIGINT,
  UNIQUE (workspace_id, version)
);
CREATE INDEX releases_by_time ON releases (workspace_id, created_at, id);
CREATE INDEX releases_by_sha ON releases (repository_id, sha) WHERE sha IS NOT NULL;

CREATE TABLE release_projects (
  workspace_id BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  release_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, project_slug, release_id)
);
CREATE INDEX projects_by_release ON release_projects (release_id, project_slug);

CREATE TABLE release_commits (
  release_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  commit_id BIGINT NOT NULL,
  PRIMARY KEY (release_id, position)
);

-- `line` says which deploys follow each other: same environment and repository, service or project.
CREATE TABLE deploys (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  integration_id BIGINT,
  dedup_key TEXT NOT NULL,
  line TEXT NOT NULL,
  version TEXT,
  sha TEXT,
  environment TEXT NOT NULL,
  repository_id BIGINT,
  service_id BIGINT,
  project_slug TEXT,
  name TEXT,
  status TEXT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  at BIGINT NOT NULL,
  url TEXT,
  actor TEXT NOT NULL,
  previous_id BIGINT,
  rollback_to_id BIGINT,
  received_at BIGINT NOT NULL,
  delivery_id BIGINT,
  UNIQUE (workspace_id, dedup_key)
);
CREATE INDEX rollbacks_by_previous ON deploys (previous_id) WHERE rollback_to_id IS NOT NULL;
CREATE INDEX deploys_by_time ON deploys (workspace_id, at, id);
CREATE INDEX deploys_by_line ON deploys (workspace_id, line, at, id);
CREATE INDEX deploys_by_version ON deploys (workspace_id, version, at) WHERE version IS NOT NULL;
CREATE INDEX deploys_by_sha ON deploys (workspace_id, sha, at) WHERE sha IS NOT NULL;

CREATE TABLE deploy_commits (
  deploy_id BIGINT NOT NULL,
  position BIGINT NOT NULL,
  commit_id BIGINT NOT NULL,
  PRIMARY KEY (deploy_id, position)
);

-- Incidents whose suspects must be ranked (anew).
CREATE TABLE ranking_queue (
  incident_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX rankings_due ON ranking_queue (due_at, incident_id);

CREATE TABLE rankings (
  incident_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  ranked_at BIGINT NOT NULL,
  deploy_id BIGINT,
  is_convincing BOOLEAN NOT NULL,
  why TEXT NOT NULL,
  candidate_count BIGINT NOT NULL
);
CREATE INDEX rankings_by_deploy ON rankings (deploy_id, incident_id) WHERE deploy_id IS NOT NULL;

CREATE TABLE suspects (
  incident_id BIGINT NOT NULL,
  rank BIGINT NOT NULL,
  kind TEXT NOT NULL,
  commit_id BIGINT,
  deploy_id BIGINT,
  score BIGINT NOT NULL,
  reasons TEXT NOT NULL,
  files TEXT NOT NULL,
  PRIMARY KEY (incident_id, rank)
);

-- What people (or Sentry's resolved-in-commit) said of a suspect; `shown_rank` is where it stood.
CREATE TABLE suspect_feedback (
  incident_id BIGINT NOT NULL,
  subject TEXT NOT NULL,
  workspace_id BIGINT NOT NULL,
  verdict TEXT NOT NULL,
  shown_rank BIGINT,
  is_convincing BOOLEAN NOT NULL,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (incident_id, subject)
);
CREATE INDEX feedback_by_time ON suspect_feedback (workspace_id, at);

-- Events per project and ten minutes, to be drawn under deploys; an empty slug is no project.
CREATE TABLE event_rates (
  workspace_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  project_slug TEXT NOT NULL,
  event_count BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, at, project_slug)
);

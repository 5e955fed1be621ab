-- What is dropped and where the rest goes.

-- Every version of a workspace's routing; the newest counts. text is JSON.
CREATE TABLE routing_versions (
  workspace_id BIGINT NOT NULL,
  number BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  comment TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace_id, number)
);

-- What the rules said about an incident, where that is more than its service. routed is JSON.
CREATE TABLE incident_routes (
  incident_id BIGINT PRIMARY KEY,
  routed TEXT NOT NULL
);

-- CODEOWNERS of repositories. source: upload or clone; path: where it was found in the clone.
CREATE TABLE owner_files (
  repository_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  source TEXT NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL,
  read_at BIGINT NOT NULL
);
CREATE INDEX owner_files_by_workspace ON owner_files (workspace_id, repository_id);

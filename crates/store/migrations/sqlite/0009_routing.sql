-- What is dropped and where the rest goes.

-- Every version of a workspace's routing; the newest counts. text is JSON.
CREATE TABLE routing_versions (
  workspace_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  comment TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace_id, number)
) STRICT, WITHOUT ROWID;

-- What the rules said about an incident, where that is more than its service. routed is JSON.
CREATE TABLE incident_routes (
  incident_id INTEGER PRIMARY KEY,
  routed TEXT NOT NULL
) STRICT;

-- CODEOWNERS of repositories. source: upload or clone; path: where it was found in the clone.
CREATE TABLE owner_files (
  repository_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL,
  read_at INTEGER NOT NULL
) STRICT;
CREATE INDEX owner_files_by_workspace ON owner_files (workspace_id, repository_id);

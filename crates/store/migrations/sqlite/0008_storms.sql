-- Storms: when a project sends so much that one incident tells of it.

-- What each project sends; '' is for signals that name none. meter is JSON with its version.
CREATE TABLE storm_meters (
  workspace_id INTEGER NOT NULL,
  project TEXT NOT NULL,
  meter TEXT NOT NULL,
  PRIMARY KEY (workspace_id, project)
) STRICT, WITHOUT ROWID;

-- storm is JSON with its version; at most one of a project is not over.
CREATE TABLE storms (
  incident_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  project TEXT NOT NULL,
  over_at INTEGER,
  storm TEXT NOT NULL
) STRICT;
CREATE INDEX storms_by_workspace ON storms (workspace_id, incident_id);
CREATE UNIQUE INDEX storms_open ON storms (workspace_id, project) WHERE over_at IS NULL;

-- Maintenance windows; maintenance is JSON with its version.
CREATE TABLE maintenance_windows (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  maintenance TEXT NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;
CREATE INDEX maintenance_by_end ON maintenance_windows (workspace_id, ends_at);

-- Transients: how the last episodes of an alert ended (JSON), until when an incident is held back
-- because of it, and whether the incidents of an integration are.
ALTER TABLE alerts ADD COLUMN habit TEXT;
ALTER TABLE incidents ADD COLUMN suspended_until INTEGER;
CREATE INDEX incidents_suspended ON incidents (suspended_until) WHERE status = 'suspended';
ALTER TABLE integrations ADD COLUMN holds_transients INTEGER NOT NULL DEFAULT 1;

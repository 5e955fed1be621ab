-- Places take turns, and what their ceilings hold back is told once.

-- What is due, by place: one that is flooded delays no other.
CREATE INDEX outbox_due_by_destination ON outbox (destination_id, due_at, id)
  WHERE state = 'waiting';
CREATE INDEX outbox_due_by_address ON outbox (address, due_at, id)
  WHERE state = 'waiting' AND destination_id IS NULL;
CREATE INDEX plans_due_by_workspace ON plan_queue (workspace_id, due_at, incident_id);

-- Incidents that a destination's ceiling holds back.
CREATE TABLE held_notices (
  destination_id INTEGER NOT NULL,
  incident_id INTEGER NOT NULL,
  held_at INTEGER NOT NULL,
  PRIMARY KEY (destination_id, incident_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_incident ON held_notices (incident_id);

-- When a destination is told that its notices are held back, and when it last was.
CREATE TABLE held_tellings (
  destination_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  tell_at INTEGER,
  told_at INTEGER
) STRICT;
CREATE INDEX held_tellings_due ON held_tellings (tell_at) WHERE tell_at IS NOT NULL;

-- Which releases and deploys have a commit.
CREATE INDEX releases_of_commit ON release_commits (commit_id, release_id);
CREATE INDEX deploys_of_commit ON deploy_commits (commit_id, deploy_id);

-- When a token of Sentry's API ends, as the person who entered it says: Sentry does not.
ALTER TABLE sentry_connections ADD COLUMN token_expires_at INTEGER;

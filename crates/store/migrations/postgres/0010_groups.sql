-- Several alerts in one incident: merged and split by hand, joined by themselves.

-- What an alert brings to an incident with several; JSON with its version. NULL: it is the only one.
ALTER TABLE alerts ADD COLUMN share TEXT;

-- Where the alerts of a merged incident are now, and, as JSON, how it was before.
ALTER TABLE incidents ADD COLUMN merged_into_id BIGINT;
ALTER TABLE incidents ADD COLUMN merged TEXT;
-- A person took it out of another one.
ALTER TABLE incidents ADD COLUMN is_apart BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX incidents_by_merge ON incidents (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- What a new alert is compared with: leaders of incidents that opened lately. traits is JSON.
CREATE TABLE incident_groups (
  incident_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  joined_at BIGINT NOT NULL,
  traits TEXT NOT NULL
);
CREATE INDEX groups_by_join ON incident_groups (joined_at);

-- By what they are found: a hash of what must be equal.
CREATE TABLE incident_group_keys (
  workspace_id BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  incident_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, hash, incident_id)
);
CREATE INDEX group_keys_by_incident ON incident_group_keys (incident_id);

-- How a workspace groups: JSON with its version. No row: the default.
CREATE TABLE group_policies (
  workspace_id BIGINT PRIMARY KEY,
  policy TEXT NOT NULL
);

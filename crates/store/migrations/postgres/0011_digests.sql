-- Daily digests, Slack's people, links that act, and indexes for what has become old.

-- When an owner (a destination or a person) is next told what happened since told_until; last_day
-- is the day of the last digest on the owner's wall clock, such as 2026-11-23.
CREATE TABLE digests (
  owner_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  owner_kind TEXT NOT NULL,
  told_until BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  last_day TEXT
);
CREATE INDEX digests_by_next ON digests (next_at, owner_id);

-- Who somebody in Slack is here: team and member are Slack's ids.
CREATE TABLE slack_people (
  workspace_id BIGINT NOT NULL,
  team TEXT NOT NULL,
  member TEXT NOT NULL,
  user_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, team, member)
);
CREATE INDEX slack_people_by_user ON slack_people (user_id, team, member);

-- Proofs that hold once, until they would be refused as too old anyway.
CREATE TABLE used_proofs (
  proof TEXT PRIMARY KEY,
  expires_at BIGINT NOT NULL
);
CREATE INDEX used_proofs_by_end ON used_proofs (expires_at);

-- The key with which links are signed; there is one.
CREATE TABLE link_keys (
  id BIGINT PRIMARY KEY,
  secret TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE INDEX outbox_by_state ON outbox (workspace_id, state, id);
CREATE INDEX told_by_plan ON told (planned_at);
CREATE INDEX incidents_by_end ON incidents (workspace_id, resolved_at) WHERE status = 'resolved';

-- The memory: one record for everything that happened. `named` (references) and `metadata` are JSON.

CREATE TABLE observations (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  source TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  occurred_at BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  service_id BIGINT,
  incident_id BIGINT,
  issue_id BIGINT,
  delivery_id BIGINT,
  named TEXT NOT NULL,
  metadata TEXT NOT NULL
);
CREATE INDEX observations_by_place ON observations (workspace_id, id);
CREATE INDEX observations_by_type ON observations (workspace_id, source_type, id);

-- What a record refers to, to be found by it.
CREATE TABLE observation_references (
  workspace_id BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  observation_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, kind, name, observation_id)
);

-- The words of a record, already split and in lower case.
CREATE TABLE observation_words (
  rowid BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
CREATE INDEX observation_words_by_word ON observation_words USING gin (words);

-- Transitions that are still to be put into words, in order. what is JSON: how things stood then;
-- what a delivery said is read in its body.
CREATE TABLE memory_queue (
  id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  delivery_id BIGINT,
  what TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  failure_count BIGINT NOT NULL,
  failure TEXT
);

-- Records are numbered in the order in which they are committed: one node at a time.
INSERT INTO locks (name, epoch) VALUES ('memory', 0);

-- How far the files of records have been written, by node.
CREATE TABLE memory_files (
  node BIGINT PRIMARY KEY,
  last_id BIGINT NOT NULL
);

-- Destinations that read along: up to which record they were told.
CREATE TABLE feeds (
  destination_id BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  last_id BIGINT NOT NULL
);
-- How many records wait for each, and those that were sent long ago.
CREATE INDEX outbox_waiting ON outbox (destination_id, kind) WHERE state = 'waiting';
CREATE INDEX outbox_observations ON outbox (id) WHERE kind = 'observation';

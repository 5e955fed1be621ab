-- The memory: one record for everything that happened. `named` (references) and `metadata` are JSON.

CREATE TABLE observations (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  source_type TEXT NOT NULL,
  source_id TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  service_id INTEGER,
  incident_id INTEGER,
  issue_id INTEGER,
  delivery_id INTEGER,
  named TEXT NOT NULL,
  metadata TEXT NOT NULL
) STRICT;
CREATE INDEX observations_by_place ON observations (workspace_id, id);
CREATE INDEX observations_by_type ON observations (workspace_id, source_type, id);

-- What a record refers to, to be found by it.
CREATE TABLE observation_references (
  workspace_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  observation_id INTEGER NOT NULL,
  PRIMARY KEY (workspace_id, kind, name, observation_id)
) STRICT, WITHOUT ROWID;

-- The words of a record, already split and in lower case; only their index is kept.
CREATE VIRTUAL TABLE observation_words USING fts5 (
  words, content = '', detail = none, columnsize = 0, tokenize = 'ascii'
);

-- Transitions that are still to be put into words, in order. what is JSON: how things stood then;
-- what a delivery said is read in its body.
CREATE TABLE memory_queue (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  delivery_id INTEGER,
  what TEXT NOT NULL,
  queued_at INTEGER NOT NULL,
  failure_count INTEGER NOT NULL,
  failure TEXT
) STRICT;

-- Records are numbered in the order in which they are committed: one node at a time.
INSERT INTO locks (name, epoch) VALUES ('memory', 0);

-- How far the files of records have been written, by node.
CREATE TABLE memory_files (
  node INTEGER PRIMARY KEY,
  last_id INTEGER NOT NULL
) STRICT;

-- Destinations that read along: up to which record they were told.
CREATE TABLE feeds (
  destination_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL
) STRICT;
-- How many records wait for each, and those that were sent long ago.
CREATE INDEX outbox_waiting ON outbox (destination_id, kind) WHERE state = 'waiting';
CREATE INDEX outbox_observations ON outbox (id) WHERE kind = 'observation';

-- What records mean, as numbers of a text model: a byte each. Only the newest records have one.
CREATE TABLE observation_vectors (
  workspace_id INTEGER NOT NULL,
  observation_id INTEGER NOT NULL,
  model TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (workspace_id, observation_id)
) STRICT;

-- How far each model has come, and how many records it was asked about on a day.
CREATE TABLE vector_progress (
  model TEXT PRIMARY KEY,
  last_id INTEGER NOT NULL,
  day_at INTEGER NOT NULL,
  day_count INTEGER NOT NULL
) STRICT;

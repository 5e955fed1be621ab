-- What records mean, as numbers of a text model: a byte each. Only the newest records have one.
CREATE TABLE observation_vectors (
  workspace_id BIGINT NOT NULL,
  observation_id BIGINT NOT NULL,
  model TEXT NOT NULL,
  content BYTEA NOT NULL,
  PRIMARY KEY (workspace_id, observation_id)
);

-- How far each model has come, and how many records it was asked about on a day.
CREATE TABLE vector_progress (
  model TEXT PRIMARY KEY,
  last_id BIGINT NOT NULL,
  day_at BIGINT NOT NULL,
  day_count BIGINT NOT NULL
);

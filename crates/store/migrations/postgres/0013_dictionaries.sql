-- Dictionaries that were trained on stored bodies; a body names the one it needs.
CREATE TABLE dictionaries (
  id BIGINT PRIMARY KEY,
  made_at BIGINT NOT NULL,
  retired_at BIGINT,
  content BYTEA NOT NULL
);

-- Dictionaries that were trained on stored bodies; a body names the one it needs.
CREATE TABLE dictionaries (
  id INTEGER PRIMARY KEY,
  made_at INTEGER NOT NULL,
  retired_at INTEGER,
  content BLOB NOT NULL
) STRICT;

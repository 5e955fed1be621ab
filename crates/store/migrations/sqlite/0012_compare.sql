-- The way back to code hosts, to complete the pushes that their webhooks cut.

-- `place` is where repositories are, as their addresses begin: `github.com`, `github.com/acme`.
CREATE TABLE code_hosts (
  id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  place TEXT NOT NULL,
  provider TEXT NOT NULL,
  api_url TEXT NOT NULL,
  token TEXT NOT NULL,
  held_until INTEGER,
  created_at INTEGER NOT NULL,
  UNIQUE (workspace_id, place)
) STRICT;

-- Pushes that wait for the rest of their commits; without `due_at` they wait for other settings.
CREATE TABLE cut_pushes (
  push_id INTEGER PRIMARY KEY,
  workspace_id INTEGER NOT NULL,
  due_at INTEGER,
  attempt_count INTEGER NOT NULL,
  claim_count INTEGER NOT NULL,
  fault TEXT
) STRICT;
CREATE INDEX cut_pushes_due ON cut_pushes (due_at, push_id) WHERE due_at IS NOT NULL;
CREATE INDEX cut_pushes_by_workspace ON cut_pushes (workspace_id, push_id);

INSERT INTO cut_pushes (push_id, workspace_id, due_at, attempt_count, claim_count)
SELECT id, workspace_id, at, 0, 0 FROM pushes WHERE is_truncated AND after_sha IS NOT NULL;

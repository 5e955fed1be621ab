-- When an open incident is next asked whether it has gone quiet; 0: never asked yet. Written by the
-- timekeeper alone, so what arrives costs nothing more.
ALTER TABLE incidents ADD COLUMN quiet_look_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX incidents_quiet ON incidents (workspace_id, quiet_look_at)
  WHERE status <> 'resolved';

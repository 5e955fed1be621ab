-- Since when an incident waits for somebody, anew each time it comes back; the bell counts by it.
ALTER TABLE incidents ADD COLUMN triggered_at BIGINT NOT NULL DEFAULT 0;
UPDATE incidents SET triggered_at = opened_at;
CREATE INDEX incidents_by_bell ON incidents (workspace_id, triggered_at, id)
  WHERE status = 'triggered';

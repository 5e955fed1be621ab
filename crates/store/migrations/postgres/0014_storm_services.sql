-- A storm is of a project and of the service that its incidents belong to; 0 is for no service.
-- What others are alerted about is no part of it.
CREATE TABLE storm_meters_by_service (
  workspace_id BIGINT NOT NULL,
  project TEXT NOT NULL,
  service_id BIGINT NOT NULL,
  meter TEXT NOT NULL,
  PRIMARY KEY (workspace_id, project, service_id)
);
INSERT INTO storm_meters_by_service SELECT workspace_id, project, 0, meter FROM storm_meters;
DROP TABLE storm_meters;
ALTER TABLE storm_meters_by_service RENAME TO storm_meters;

ALTER TABLE storms ADD COLUMN service_id BIGINT NOT NULL DEFAULT 0;
DROP INDEX storms_open;
CREATE UNIQUE INDEX storms_open ON storms (workspace_id, project, service_id) WHERE over_at IS NULL;

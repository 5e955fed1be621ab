-- The numbers of Sentry's organisations by their names: some bodies have only one of the two.
CREATE TABLE organizations (
  integration_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  number TEXT NOT NULL,
  PRIMARY KEY (integration_id, name)
);

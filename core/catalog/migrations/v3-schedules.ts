/** What runs by itself: its settings, its secret, and how far it has come with its last runs, each sealed. */
export const SCHEMA_V3_SCHEDULES = `
CREATE TABLE schedules (
  name_hash TEXT PRIMARY KEY,
  settings BLOB NOT NULL,
  secrets BLOB NOT NULL,
  state BLOB NOT NULL
) STRICT;
`;

/**
 * Version 2: what captures have read so far that need a call a record, so that one that is broken off need not begin
 * anew. Times are milliseconds since 1970, UTC.
 */
export const SCHEMA_V2 = `
CREATE TABLE capture_memories (
  seq INTEGER PRIMARY KEY,
  origin_hash TEXT NOT NULL UNIQUE, -- of environment, realm and route
  realm_hash TEXT NOT NULL, -- of environment and realm
  noted_at INTEGER NOT NULL
) STRICT;
CREATE INDEX capture_memories_realm ON capture_memories (realm_hash);

CREATE TABLE capture_answers (
  memory INTEGER NOT NULL REFERENCES capture_memories ON DELETE CASCADE,
  key_hash BLOB NOT NULL,
  answer BLOB NOT NULL,
  PRIMARY KEY (memory, key_hash)
) STRICT, WITHOUT ROWID;
`;

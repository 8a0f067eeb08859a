/**
 * The tables of snapshots, in version 1 of the catalog.
 *
 * What is in the clear says nothing about a realm: ids, instants, purposes, flags, and keyed hashes for look-ups. Names,
 * facts, tags, notes, first keys and records are sealed.
 *
 * Ready for retention: `chunk_lists` no longer in `snapshot_sections`, and chunks that no list reaches (directly, or as
 * the base of one that is reached), can go. `seq` is never given out twice, so a commit can prove that every chunk it
 * counts on is still there; the references keep SQLite from deleting the base of a stored delta.
 */
export const SNAPSHOT_TABLES_V1 = `
-- Content-addressed runs of lines: a section's records, or a page of the list of such runs.
CREATE TABLE chunks (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,                  -- HMAC-SHA-256 of the whole plaintext
  base INTEGER REFERENCES chunks (seq),     -- stored as changes against these; NULL: stored whole
  base2 INTEGER REFERENCES chunks (seq),
  depth INTEGER NOT NULL,                   -- deltas to undo before the plaintext is known
  writer TEXT                               -- the unfinished snapshot that stored it; NULL: it stays
) STRICT;
CREATE INDEX chunks_base ON chunks (base) WHERE base IS NOT NULL;
CREATE INDEX chunks_base2 ON chunks (base2) WHERE base2 IS NOT NULL;
CREATE INDEX chunks_writer ON chunks (writer) WHERE writer IS NOT NULL;

-- Apart from chunks, so that walking a list of chunks does not page through their bytes.
CREATE TABLE chunk_data (
  seq INTEGER PRIMARY KEY REFERENCES chunks (seq) ON DELETE CASCADE,
  sealed BLOB NOT NULL
) STRICT;

-- A section's chunks in key order, as pages, which are chunks themselves. Equal sections share a row.
CREATE TABLE chunk_lists (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  root BLOB NOT NULL UNIQUE,                -- keyed hash of the ordered chunk ids
  pages BLOB NOT NULL
) STRICT;

CREATE TABLE snapshots (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  origin BLOB NOT NULL,                     -- keyed hash of environment and realm
  realm BLOB NOT NULL,                      -- keyed hash of the realm's name alone
  root BLOB NOT NULL,
  purpose TEXT NOT NULL,
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
  started_at TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
  trashed_at TEXT,
  manifest BLOB NOT NULL,
  labels BLOB NOT NULL                      -- tags and note: what may change
) STRICT;
CREATE INDEX snapshots_origin ON snapshots (origin, seq);
CREATE INDEX snapshots_realm ON snapshots (realm, seq);

CREATE TABLE snapshot_sections (
  snapshot INTEGER NOT NULL REFERENCES snapshots (seq) ON DELETE CASCADE,
  section TEXT NOT NULL,
  list INTEGER NOT NULL REFERENCES chunk_lists (seq),
  PRIMARY KEY (snapshot, section)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_sections_list ON snapshot_sections (list);
`;

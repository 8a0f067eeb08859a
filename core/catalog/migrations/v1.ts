import { SNAPSHOT_TABLES_V1 } from '../snapshots/schema.ts';

/**
 * Version 1. What the columns hold in the clear is what must be searched without the data key's help: ids, states,
 * keyed hashes of names. The rest is sealed (AES-256-GCM), each value bound to its table, row and column.
 */
export const SCHEMA_V1 = `
-- One row. The id is in the additional data of every key slot; the version repeats user_version, to tell a newer catalog
-- from a damaged header.
CREATE TABLE catalog (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- The data key, wrapped once for each way in. The checksum needs no key: it tells a damaged slot from a wrong key.
CREATE TABLE key_slots (
  slot INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  parameters TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  checksum BLOB NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

-- A table apart from its index, here and below, lets SQLite's check see when one of the two has lost rows.
CREATE TABLE environments (
  seq INTEGER PRIMARY KEY,
  name_hash TEXT NOT NULL UNIQUE,
  settings BLOB NOT NULL,
  secrets BLOB NOT NULL
) STRICT;

CREATE TABLE plans (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('open', 'applied')),
  head BLOB NOT NULL
) STRICT;

-- Apart from plans, so that the check at opening does not read what may be large.
CREATE TABLE plan_documents (
  plan INTEGER PRIMARY KEY REFERENCES plans ON DELETE CASCADE,
  document BLOB NOT NULL
) STRICT;

CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN (
    'queued', 'running', 'canceling', 'canceled', 'succeeded', 'succeeded_with_errors', 'failed', 'interrupted'
  )),
  head BLOB NOT NULL, -- with the number of steps and failures, so that one which is lost is missed
  params BLOB NOT NULL,
  result BLOB,
  error BLOB
) STRICT;
CREATE INDEX jobs_running ON jobs (state) WHERE state IN ('running', 'canceling');

-- The journal: a step's intent is stored before the step runs, its outcome after.
CREATE TABLE job_steps (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  intent BLOB NOT NULL,
  outcome BLOB,
  PRIMARY KEY (job, seq)
) STRICT;
CREATE INDEX job_steps_unsettled ON job_steps (job, seq) WHERE outcome IS NULL;

CREATE TABLE job_failures (
  job INTEGER NOT NULL REFERENCES jobs ON DELETE CASCADE,
  batch INTEGER NOT NULL,
  failures BLOB NOT NULL,
  PRIMARY KEY (job, batch)
) STRICT;

-- Who works on what, so that nobody else does. Times are milliseconds since 1970, UTC.
CREATE TABLE leases (
  resource_hash TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  holder BLOB NOT NULL
) STRICT, WITHOUT ROWID;
${SNAPSHOT_TABLES_V1}`;

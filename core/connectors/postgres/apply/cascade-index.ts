import type { Table } from '../layout.ts';
import type { Session } from '../session.ts';
import { quoted } from '../quoted.ts';
import type { Applying } from './staged-section.ts';

/** From so many pages on that the foreign keys' triggers would read, an index is worth its while: some seconds. */
const MANY_PAGES = 1_000_000;

const TABLES_OF_USERS = ['user_credentials', 'user_social_links'] as const;

/**
 * Makes the deletion of many users quick. OpenGate's schema has no index on the `user_id` of what hangs on a user, so
 * the foreign keys' triggers read these tables whole for every user: hours for a large realm. An index, within the
 * transaction and dropped before its end, makes it seconds; only the tables' owner can make one. (What the owner cannot:
 * leave the triggers out, `session_replication_role`, is for superusers.)
 */
export async function quickDeletion(session: Session, of: Applying, users: number): Promise<void> {
  for (const name of TABLES_OF_USERS) {
    const table = of.table(name);
    if (await isWorthIt(session, table, users))
      await session.query(`CREATE INDEX ${quoted(indexOf(name))} ON ${table.sql} (user_id)`);
  }
}

/** Before the end of the transaction: nothing of ours stays in the schema. */
export async function dropHelpers(session: Session, of: Applying): Promise<void> {
  for (const name of TABLES_OF_USERS) {
    const [found] = await session.query<{ schema: string }>(
      `SELECT n.nspname AS schema FROM pg_catalog.pg_index i
       JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE i.indrelid = $1::regclass AND c.relname = $2`,
      [of.table(name).sql, indexOf(name)],
    );
    if (found) await session.query(`DROP INDEX ${quoted(found.schema)}.${quoted(indexOf(name))}`);
  }
}

async function isWorthIt(session: Session, table: Table, users: number): Promise<boolean> {
  const [facts] = await session.query<{ pages: string; indexed: boolean; owner: boolean }>(
    `SELECT (pg_relation_size(c.oid) / current_setting('block_size')::int)::text AS pages,
            pg_has_role(c.relowner, 'USAGE') AS owner,
            EXISTS (SELECT FROM pg_catalog.pg_index i
                    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                    WHERE i.indrelid = c.oid AND a.attname = 'user_id' AND i.indisvalid AND i.indpred IS NULL) AS indexed
     FROM pg_catalog.pg_class c WHERE c.oid = $1::regclass`,
    [table.sql],
  );
  return facts !== undefined && facts.owner && !facts.indexed && Number(facts.pages) * users >= MANY_PAGES;
}

function indexOf(name: string): string {
  return `drawbridge_${name}_user_id`;
}

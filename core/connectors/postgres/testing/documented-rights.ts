import { readFile } from 'node:fs/promises';

export interface DocumentedGrants {
  /** What the document's headings of code say: "server", or the database. */
  readonly database: string;
  /** Undefined for the statements that create the roles. */
  readonly role: string | undefined;
  readonly statements: readonly string[];
}

/** The SQL of docs/postgres-rights.md, as an administrator would run it. */
export async function documentedRights(): Promise<DocumentedGrants[]> {
  const text = await readFile(new URL('../../../../docs/postgres-rights.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^```sql (\S+)(?: (\S+))?\n(.*?)^```$/gms)].map(([, database, role, sql]) => ({
    database: database!,
    role,
    statements: sql!
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ''),
  }));
}

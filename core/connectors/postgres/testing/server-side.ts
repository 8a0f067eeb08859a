import pg from 'pg';

/** What a test does behind the program's back: as owner, or as another session that stands in the way. */
export async function withOwner<Result>(
  url: string,
  database: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectAs(url, database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A session of somebody else; the caller ends it. */
export async function connectAs(url: string, database: string, application = 'a test'): Promise<pg.Client> {
  const to = new URL(url);
  to.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: to.href, application_name: application });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** The same server, as another role. */
export function asRole(url: string, user: string, password: string): string {
  const to = new URL(url);
  to.username = user;
  to.password = password;
  return to.href;
}

/** Waits until the server has no connection of the program's any more. @returns how many there are in the end */
export async function connectionsLeft(url: string, patienceMs = 3_000): Promise<number> {
  return await withOwner(url, 'postgres', async (client) => {
    for (const until = Date.now() + patienceMs; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const { rows } = await client.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'drawbridge'`,
      );
      if (rows[0]!.n === 0 || Date.now() > until) return rows[0]!.n;
    }
  });
}

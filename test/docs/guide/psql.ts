import pg from 'pg';

/**
 * `psql <address> -c <statement> …`, as far as the guide uses it: each statement by itself, and what psql prints of one that
 * returns no rows. So the pages can be run where there is no psql.
 *
 * @throws pg.DatabaseError as the server refuses a statement
 */
export async function psql([address, ...rest]: readonly string[]): Promise<string[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    const printed: string[] = [];
    for (let at = 0; at < rest.length; at += 2) {
      const [flag, statement] = rest.slice(at, at + 2);
      if (flag !== '-c' || statement === undefined) throw new Error(`psql is not known with ${flag}.`);
      const { command, rowCount } = await client.query(statement);
      printed.push(`${command === 'INSERT' ? 'INSERT 0' : command} ${rowCount}`);
    }
    return printed;
  } finally {
    await client.end();
  }
}

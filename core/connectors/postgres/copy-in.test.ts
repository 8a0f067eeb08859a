import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type pg from 'pg';
import { startSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { NewIds } from './apply/new-ids.ts';
import { copyIn } from './copy-in.ts';
import { connectAs } from './testing/server-side.ts';

let sandbox: Sandbox;
let client: pg.Client;

beforeAll(async () => {
  sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
  const target = sandbox.environment('target');
  client = await connectAs(target.pgUrl, target.databases.realm);
  await client.query('CREATE TEMPORARY TABLE taken (n int, text text)');
});
afterAll(async () => {
  await client.end();
  await sandbox.stop();
});

const taken = async () =>
  (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM taken')).rows[0]!.n;
const sql = 'COPY pg_temp.taken FROM STDIN';

describe('COPY … FROM STDIN', () => {
  it('takes more than the connection holds at once, and counts rows', async () => {
    const rows = Array.from({ length: 200_000 }, (_, n) => `${n}\t${'x'.repeat(50)}Ω\n`).join('');
    expect(await copyIn(client, sql, Buffer.from(rows))).toBe(200_000);
    expect(await taken()).toBe(200_000);
    await client.query('TRUNCATE taken');
    expect(await copyIn(client, sql, Buffer.alloc(0))).toBe(0);
  });

  it('statements before and after it run with it, or not at all', async () => {
    await client.query('BEGIN');
    expect(
      await copyIn(client, `SAVEPOINT here; ${sql}; RELEASE SAVEPOINT here`, Buffer.from('1\ta\n')),
    ).toBe(1);
    const refused = copyIn(client, `SAVEPOINT here; ${sql}; RELEASE SAVEPOINT here`, Buffer.from('x\ta\n'));
    await expect(refused).rejects.toMatchObject({ code: '22P02' });
    await client.query('ROLLBACK TO SAVEPOINT here');
    expect(await taken()).toBe(1);
    await client.query('ROLLBACK');
    expect(await taken()).toBe(0);
  });

  it('a server that refuses a row in the middle, or the statement, says so, and the connection is free again', async () => {
    const rows = Array.from(
      { length: 1_000 },
      (_, n) => `${n === 3 ? 'no number' : n}\t${'y'.repeat(10_000)}\n`,
    ).join('');
    await expect(copyIn(client, sql, Buffer.from(rows))).rejects.toMatchObject({
      code: '22P02',
      where: expect.stringContaining('line 4') as string,
    });
    await expect(copyIn(client, 'COPY nowhere FROM STDIN', Buffer.from(rows))).rejects.toMatchObject({
      code: '42P01',
    });
    expect(await taken()).toBe(0);
  });

  it('a connection that is lost rejects', async () => {
    const target = sandbox.environment('target');
    const lost = await connectAs(target.pgUrl, target.databases.realm);
    await lost.query('CREATE TEMPORARY TABLE taken (n int, text text)');
    const copying = copyIn(lost, sql, Buffer.from('1\ta\n'.repeat(1_000_000)));
    lost.connection.stream.destroy();
    await expect(copying).rejects.toThrow(/terminated/);
  });
});

it('new ids are valid, in order, and never the same', () => {
  const ids = new NewIds();
  const made = Array.from({ length: 20_000 }, () => ids.next());
  expect(new Set(made).size).toBe(made.length);
  for (const id of made)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const times = made.map((id) => id.slice(0, 13));
  expect(times).toEqual([...times].sort());
});

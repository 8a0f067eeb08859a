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
  it('takes blocks cut anywhere, larger than what the connection holds, and counts rows', async () => {
    const rows = Buffer.from(
      Array.from({ length: 200_000 }, (_, n) => `${n}\t${'x'.repeat(50)}Ω\n`).join(''),
    );
    const blocks = [
      rows.subarray(0, 7),
      rows.subarray(7, 3_000_001),
      Buffer.alloc(0),
      rows.subarray(3_000_001),
    ];
    expect(await copyIn(client, sql, blocks)).toBe(200_000);
    expect(await taken()).toBe(200_000);
  });

  it('a source that fails: nothing is taken, its own error is thrown, and the connection is free again', async () => {
    await client.query('TRUNCATE taken');
    async function* source(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('1\ta\n'));
      throw new Error('no more');
    }
    await expect(copyIn(client, sql, source())).rejects.toThrow('no more');
    expect(await taken()).toBe(0);
    expect(await copyIn(client, sql, [])).toBe(0);
  });

  it('a server that refuses a row in the middle, or the statement, says so; the source is left', async () => {
    let given = 0;
    function* source(): Generator<Buffer> {
      for (given = 0; given < 1_000; given++)
        yield Buffer.from(`${given === 3 ? 'no number' : given}\t${'y'.repeat(100_000)}\n`);
    }
    await expect(copyIn(client, sql, source())).rejects.toMatchObject({
      code: '22P02',
      where: expect.stringContaining('line 4') as string,
    });
    expect(given).toBeLessThan(1_000);
    await expect(copyIn(client, 'COPY nowhere FROM STDIN', source())).rejects.toMatchObject({
      code: '42P01',
    });
    expect(await taken()).toBe(0);
  });

  it('a connection that is lost rejects', async () => {
    const target = sandbox.environment('target');
    const lost = await connectAs(target.pgUrl, target.databases.realm);
    await lost.query('CREATE TEMPORARY TABLE taken (n int, text text)');
    async function* source(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from('1\ta\n'));
      lost.connection.stream.destroy();
      yield Buffer.from('2\tb\n');
    }
    await expect(copyIn(lost, sql, source())).rejects.toThrow(/terminated/);
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

import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSandbox, type EnvironmentHandle, type Sandbox } from '../../../sandbox/index.ts';
import { binaryRow } from './capture/testing/binary-row.ts';
import { CopyOut } from './copy-out.ts';
import { Databases } from './databases.ts';
import type { Session } from './session.ts';
import { withOwner } from './testing/server-side.ts';

const never = new AbortController().signal;

describe('rows in what a socket gives', () => {
  const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
  const TRAILER = Buffer.from([0xff, 0xff]);

  it('are found wherever it is cut, and all other messages reach pg, in order', async () => {
    const row = fc.array(fc.oneof(fc.constant(null), fc.string({ unit: 'binary', maxLength: 40 })), {
      maxLength: 4,
    });
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), cuts, fc.boolean(), async (rows, sizes, noticed) => {
        const copyData = rows.map((values, i) =>
          message('d', Buffer.concat([...(i === 0 ? [HEADER] : []), binaryRow(values)])),
        );
        const end = message('d', rows.length === 0 ? Buffer.concat([HEADER, TRAILER]) : TRAILER);
        const others = [
          message('H', Buffer.alloc(3)),
          message('N', Buffer.from('note\0\0')),
          message('c', Buffer.alloc(0)),
          message('C', Buffer.from('COPY 3\0')),
        ];
        const after = [message('Z', Buffer.from('T')), message('S', Buffer.from('a\0b\0'))];
        const bytes = Buffer.concat([
          others[0]!,
          ...copyData,
          ...(noticed ? [others[1]!] : []),
          end,
          others[2]!,
          others[3]!,
          ...after,
        ]);
        const line = new Line();
        const copy = CopyOut.start(line.session, 'SELECT');
        line.send(bytes, sizes);
        const found: Buffer[] = [];
        while (
          await copy.each((all, start, stop) => found.push(Buffer.from(all.subarray(start, stop))) % 3 !== 0)
        );
        expect(found).toEqual(rows.map((values) => binaryRow(values)));
        expect(Buffer.concat(line.passed)).toEqual(
          Buffer.concat([others[0]!, ...(noticed ? [others[1]!] : []), others[2]!, others[3]!, ...after]),
        );
        // What comes later is pg's alone.
        line.stream.emit('data', Buffer.from('later'));
        expect(line.passed.at(-1)).toEqual(Buffer.from('later'));
      }),
      { numRuns: 200 },
    );
  });

  it('make the server wait while nobody takes them', async () => {
    const line = new Line();
    const copy = CopyOut.start(line.session, 'SELECT');
    const large = message('d', Buffer.concat([HEADER, binaryRow(['x'.repeat(300_000)])]));
    line.stream.emit('data', message('H', Buffer.alloc(3)));
    line.stream.emit('data', large);
    expect(line.stream.isPaused).toBe(true);
    expect(await copy.each(() => false)).toBe(true);
    const next = copy.each(() => true);
    expect(line.stream.isPaused).toBe(false);
    line.stream.emit('data', Buffer.concat([message('d', TRAILER), message('Z', Buffer.from('T'))]));
    expect(await next).toBe(false);
  });

  it('are not guessed at: a message of an unknown type ends the connection', async () => {
    const line = new Line();
    const copy = CopyOut.start(line.session, 'SELECT');
    line.stream.emit('data', message('?', Buffer.from('what')));
    await expect(copy.each(() => true)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' });
    expect(line.stream.isDestroyed).toBe(true);
  });

  it.each([
    [-1, 100],
    [0, 100],
    [3, 100],
    [3, 2],
  ])('are not guessed at: a message of %i bytes ends the connection, cut at %i', async (bytes, cut) => {
    const line = new Line();
    const copy = CopyOut.start(line.session, 'SELECT');
    const broken = message('d', Buffer.concat([HEADER, binaryRow(['x'])]));
    broken.writeInt32BE(bytes, 1);
    line.send(broken, [cut]);
    await expect(copy.each(() => true)).rejects.toMatchObject({ code: 'UNEXPECTED_ANSWER' });
    expect(line.stream.isDestroyed).toBe(true);
  });

  it('that do not go on are given up, those that have not begun are not', async () => {
    vi.useFakeTimers();
    try {
      const line = new Line();
      const copy = CopyOut.start(line.session, 'SELECT');
      const rows = copy.each(() => true);
      const end = rows.catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(line.stream.isDestroyed).toBe(false);
      line.stream.emit('data', message('d', Buffer.concat([HEADER, binaryRow(['x'])])));
      await vi.advanceTimersByTimeAsync(119_000);
      expect(line.stream.isDestroyed).toBe(false);
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await end).toMatchObject({ code: 'TIMEOUT' });
      expect(line.stream.isDestroyed).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  function message(type: string, body: Buffer): Buffer {
    const head = Buffer.alloc(5, type);
    head.writeUInt32BE(4 + body.length, 1);
    return Buffer.concat([head, body]);
  }

  /** A connection of pg's without a server. */
  class Line {
    readonly passed: Buffer[] = [];
    readonly stream = new Stream();
    readonly session: Session;

    constructor() {
      let copy: CopyOut | undefined;
      const parser = (bytes: Buffer): void => {
        this.passed.push(Buffer.from(bytes));
        if (bytes[0] === 'Z'.charCodeAt(0)) copy?.handleReadyForQuery();
      };
      this.stream.on('data', parser);
      const connection = { query: () => undefined, stream: this.stream };
      const client = {
        query: (query: CopyOut) => {
          copy = query;
          query.submit(connection);
        },
      };
      this.session = {
        client,
        run: async (work: () => Promise<unknown>) => await work(),
      } as unknown as Session;
    }

    send(bytes: Buffer, sizes: readonly number[]): void {
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        this.stream.emit('data', bytes.subarray(at, at + size));
        at += size;
      }
    }
  }

  class Stream extends EventEmitter {
    isPaused = false;
    isDestroyed = false;

    pause(): void {
      this.isPaused = true;
    }

    resume(): void {
      this.isPaused = false;
    }

    destroy(): void {
      this.isDestroyed = true;
      this.emit('close');
    }
  }
});

describe('a COPY on a real connection', () => {
  let sandbox: Sandbox;
  let target: EnvironmentHandle;
  let databases: Databases;
  beforeAll(async () => {
    sandbox = await startSandbox({ environments: ['target'], seed: false, bcryptCost: 4 });
    target = sandbox.environment('target');
    databases = new Databases({ name: 'target', url: target.pgUrl });
  });
  afterAll(async () => {
    await databases.close();
    await sandbox.stop();
  });

  async function inSession<T>(work: (session: Session) => Promise<T>, signal = never): Promise<T> {
    const transactions = await databases.begin(['user'], 'read', signal);
    try {
      return await work(transactions.of('user'));
    } finally {
      await transactions.rollback();
    }
  }

  const two = 'SELECT n FROM generate_series(1, 200000) AS n';

  it('hands over every row once, and the session goes on', async () => {
    await inSession(async (session) => {
      const copy = CopyOut.start(session, two);
      let [rows, sum] = [0, 0];
      while (
        await copy.each((bytes, start) => {
          sum += bytes.readInt32BE(start + 6);
          return ++rows % 777 !== 0;
        })
      );
      expect([rows, sum]).toEqual([200_000, (200_000 * 200_001) / 2]);
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('has rows larger than any buffer, and none', async () => {
    await inSession(async (session) => {
      const sizes: number[] = [];
      const large = CopyOut.start(session, `SELECT repeat('x', n * 1000000) FROM generate_series(1, 5) AS n`);
      while (await large.each((_bytes, start, end) => sizes.push(end - start - 6) > 0));
      expect(sizes).toEqual([1e6, 2e6, 3e6, 4e6, 5e6]);
      const none = CopyOut.start(session, 'SELECT 1 WHERE false');
      expect(await none.each(() => true)).toBe(false);
    });
  });

  it('that waits for a lock in vain says who held it', async () => {
    await withOwner(target.pgUrl, target.databases.user, async (owner) => {
      await owner.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
      const patient = new Databases({ name: 'target', url: target.pgUrl, timeouts: { lockMs: 1_500 } });
      const transactions = await patient.begin(['user'], 'read', never);
      try {
        const copy = CopyOut.start(transactions.of('user'), 'SELECT id FROM public.users');
        await expect(copy.each(() => true)).rejects.toMatchObject({
          code: 'TARGET_LOCKED',
          message: expect.stringMatching(/held by process \d+/) as string,
        });
      } finally {
        await patient.close();
        await owner.query('ROLLBACK');
      }
    });
  });

  it('left in the middle, is read to its end and leaves the session usable', async () => {
    await inSession(async (session) => {
      const copy = CopyOut.start(session, two);
      expect(await copy.each(() => false)).toBe(true);
      await copy.drain();
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await copy.drain();
    });
  });

  it('that its taker throws out of can be drained too', async () => {
    await inSession(async (session) => {
      const copy = CopyOut.start(session, two);
      await expect(
        copy.each(() => {
          throw new Error('taker');
        }),
      ).rejects.toThrow(/taker|broke/);
      await copy.drain();
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it.each([
    ['at once', 'SELECT * FROM no_such_table'],
    ['after many rows', 'SELECT 1 / (150000 - n) FROM generate_series(1, 200000) AS n'],
  ])('that the server ends with an error %s says so, and the connection is in order', async (_when, sql) => {
    await inSession(async (session) => {
      const copy = CopyOut.start(session, sql);
      await expect(copy.each(() => true)).rejects.toMatchObject({ name: 'AppError' });
      // The transaction is aborted, the connection is not.
      await session.query('ROLLBACK');
      expect(await session.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });
  });

  it('whose connection breaks is CONNECTION_LOST, whether rows are waited for or not', async () => {
    for (const waiting of [true, false])
      await inSession(async (session) => {
        const [row] = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const copy = CopyOut.start(
          session,
          waiting ? 'SELECT pg_sleep(60)' : `SELECT repeat('x', 1000) FROM generate_series(1, 5000000)`,
        );
        const isLost = (end: Promise<boolean>) =>
          expect(end).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
        if (!waiting) await copy.each(() => false);
        const during = waiting ? isLost(copy.each(() => true)) : undefined;
        await withOwner(target.pgUrl, 'opengate_user', (client) =>
          client.query('SELECT pg_terminate_backend($1)', [row!.pid]),
        );
        await (during ?? isLost(copy.each(() => true)));
        await copy
          .drain()
          .catch((error: unknown) => expect(error).toMatchObject({ code: 'CONNECTION_LOST' }));
      });
  });

  it('ends at once when canceled', async () => {
    const abort = new AbortController();
    await inSession(async (session) => {
      const copy = CopyOut.start(session, 'SELECT pg_sleep(60)');
      const waiting = copy.each(() => true);
      setTimeout(() => abort.abort(), 50);
      await expect(waiting).rejects.toMatchObject({ code: 'CANCELED' });
    }, abort.signal);
  });
});

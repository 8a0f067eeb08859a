import fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readDocument } from './json-stream.ts';
import { Refusal } from './reply.ts';

const SHAPE = { objects: ['realm'], arrays: ['users', 'roles'] };

async function read(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  take?: () => Promise<void>,
): Promise<{ objects: Record<string, unknown>; arrays: Record<string, unknown[]> }> {
  const request = Object.assign(Readable.from(chunks), { headers: { 'content-type': 'application/json' } });
  const arrays: Record<string, unknown[]> = {};
  const { objects } = await readDocument(
    request as unknown as IncomingMessage,
    SHAPE,
    async (member, elements) => {
      for (const { index, value } of elements) (arrays[member] ??= [])[index] = value;
      await take?.();
    },
  );
  return { objects: Object.fromEntries(objects), arrays };
}

const bytes = (text: string): Uint8Array[] => [Buffer.from(text)];

describe('a body read as a stream', () => {
  test('gives what JSON.parse gives, however it is cut', async () => {
    const records = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          realm: fc.dictionary(fc.string(), fc.jsonValue()),
          users: records,
          other: fc.jsonValue(),
          roles: records,
        }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        async (document, size, indented) => {
          // A lone surrogate has no UTF-8, and `__proto__` sets no member on the parsed side of a comparison.
          const text = JSON.stringify(document, null, indented ? 1 : 0);
          fc.pre(text.isWellFormed() && !text.includes('__proto__'));
          const whole = Buffer.from(text);
          const chunks = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
            whole.subarray(i * size, (i + 1) * size),
          );
          const { objects, arrays } = await read(chunks);
          const expected = JSON.parse(text) as typeof document;
          expect(objects).toEqual({ realm: expected.realm });
          expect({ users: [], roles: [], ...arrays }).toEqual({
            users: expected.users,
            roles: expected.roles,
          });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('waits for its taker before it reads on', async () => {
    let sent = 0;
    let taken = 0;
    async function* document(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('{"users":[0');
      for (; sent < 50; sent++) {
        // At most the chunks that a Readable holds (16) may be ahead of the taker.
        expect(sent - taken).toBeLessThan(20);
        yield Buffer.from(',1'.repeat(1_000));
      }
      yield Buffer.from(']}');
    }
    await read(document(), async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      taken++;
    });
    expect(taken).toBeGreaterThanOrEqual(50);
  });

  test.each([
    ['one endless string', () => Buffer.from('x'.repeat(65_536)), '{"users":["'],
    ['one endless element', () => Buffer.from('"a",'.repeat(16_384)), '{"users":[['],
    ['one endless name', () => Buffer.from('x'.repeat(65_536)), '{"'],
    [
      'an endless member that nobody reads',
      () => Buffer.from(`"${'x'.repeat(1_021)}",`.repeat(64)),
      '{"unknown":[',
    ],
  ])('refuses %s in bounded memory', async (_what, chunk, start) => {
    let sent = 0;
    function* endless(): Generator<Uint8Array> {
      yield Buffer.from(start);
      for (;;) {
        sent += 65_536;
        yield chunk();
      }
    }
    const refusal = await read(endless()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect(refusal).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  test('refuses a million levels', async () => {
    await expect(read(bytes(`{"users":[${'['.repeat(1_000_000)}`))).rejects.toMatchObject({ status: 400 });
  });

  test('refuses bytes that are no UTF-8', async () => {
    const chunks = [Buffer.from('{"users":["'), Buffer.from([0xc3, 0x28]), Buffer.from('"]}')];
    await expect(read(chunks)).rejects.toMatchObject({ code: 'MALFORMED_JSON' });
  });
});

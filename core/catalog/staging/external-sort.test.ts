import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { compareKeys } from '../../model/key-order.ts';
import type { CanonicalRecord } from '../../model/record.ts';
import { ExternalSorter } from './external-sort.ts';
import { comparisonFor } from './key-comparison.ts';
import { BLOCK_BYTES, BlockWriter, readBlock } from './record-block.ts';
import { recordsOf } from './sorted-batch.ts';
import { sortPositions } from './sort-positions.ts';
import { SpillFile } from './spill-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'sort-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What sorting goes wrong on: surrogates, what stands between them and U+FFFF, lone halves, NUL, prefixes. */
const oddKey = fc.oneof(
  fc.string({
    unit: fc.constantFrom('a', 'b', '\0', 'é', '\ud7ff', '\ue000', '\ufffd', '\uffff', '😀', '\ud83d'),
  }),
  fc.string({ unit: 'binary' }),
  fc.string(),
);

async function sort(
  records: readonly CanonicalRecord[],
  memoryBytes: number,
  onDuplicate: 'error' | 'keep' = 'keep',
): Promise<CanonicalRecord[]> {
  const sorter = new ExternalSorter({ dir, memoryBytes, onDuplicate, what: 'users' });
  try {
    for (let i = 0; i < records.length; i += 7) await sorter.add(records.slice(i, i + 7));
    const sorted: CanonicalRecord[] = [];
    for await (const batch of sorter.sorted()) sorted.push(...batch);
    return sorted;
  } finally {
    await sorter.dispose();
  }
}

const shown = (records: readonly CanonicalRecord[]) =>
  records.map(({ key, line }) => [key, line.toString('hex')]);

function numbered(count: number, key: (i: number) => string): CanonicalRecord[] {
  return Array.from({ length: count }, (_, i) => ({ key: key(i), line: Buffer.from(`line ${i}`) }));
}

describe('sorting beyond memory', () => {
  test.each([200, 1000, 1 << 20])(
    'gives what sorting in memory gives, with %i bytes of it',
    async (memory) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(oddKey, fc.uint8Array({ maxLength: 60 }))), async (pairs) => {
          const records = pairs.map(([key, line]) => ({ key, line: Buffer.from(line) }));
          const expected = records.toSorted((a, b) => compareKeys(a.key, b.key));
          expect(shown(await sort(records, memory))).toEqual(shown(expected));
        }),
        { numRuns: 60 },
      );
    },
  );

  test('keeps records with equal keys in the order in which they came, across runs', async () => {
    const records = numbered(3000, (i) => `key${i % 3}`);
    const sorted = await sort(records, 5000);
    const expected = records.toSorted((a, b) => compareKeys(a.key, b.key));
    expect(shown(sorted)).toEqual(shown(expected));
  });

  test('names a key that occurs twice, wherever its records lie', async () => {
    for (const memory of [1000, 1 << 20]) {
      const records = [...numbered(500, (i) => `k${i * 7919}`), ...numbered(1, () => 'k7919')];
      await expect(sort(records, memory, 'error')).rejects.toMatchObject({
        code: 'DUPLICATE_KEY',
        message: expect.stringContaining('“k7919”'),
        details: { section: 'users', key: 'k7919' },
      });
    }
  });

  test('takes lines larger than its memory', async () => {
    const large = Buffer.alloc(3 * BLOCK_BYTES, 'x');
    const records = [
      { key: 'b', line: large },
      { key: 'a', line: Buffer.from('small') },
      { key: 'c', line: large },
    ];
    expect(shown(await sort(records, 1000))).toEqual(shown([records[1]!, records[0]!, records[2]!]));
  });

  test('copies what it is given: the caller may reuse the memory', async () => {
    const sorter = new ExternalSorter({ dir, onDuplicate: 'error', what: 'users' });
    const shared = Buffer.from('first');
    await sorter.add([{ key: 'a', line: shared }]);
    shared.write('other');
    for await (const [record] of sorter.sorted()) expect(record?.line.toString()).toBe('first');
    await sorter.dispose();
  });

  test('stops at a cancellation', async () => {
    const sorter = new ExternalSorter({ dir, memoryBytes: 10_000, onDuplicate: 'error', what: 'users' });
    await sorter.add(numbered(20_000, (i) => `k${i * 7919}`));
    const stop = new AbortController();
    const read = async () => {
      for await (const _batch of sorter.sorted(stop.signal)) stop.abort();
    };
    await expect(read()).rejects.toMatchObject({ code: 'CANCELED' });
    await sorter.dispose();
  });
});

describe('the temporary file', () => {
  test('has no name once it is open, nor after', async () => {
    const sorter = new ExternalSorter({ dir, memoryBytes: 1000, onDuplicate: 'error', what: 'users' });
    await sorter.add(numbered(1000, (i) => `k${i}`));
    if (process.platform !== 'win32') expect(readdirSync(dir)).toEqual([]);
    await sorter.dispose();
    expect(readdirSync(dir)).toEqual([]);
  });

  test('gives back its blocks, and nothing that was altered', async () => {
    const file = await SpillFile.create(dir);
    const [one, two] = [await file.write(Buffer.from('one')), await file.write(Buffer.from('two!'))];
    await file.settle();
    const scratch = Buffer.alloc(100);
    expect((await file.read(two, scratch)).toString()).toBe('two!');
    expect((await file.read(one, scratch)).toString()).toBe('one');
    const moved = { ...one, offset: two.offset };
    await expect(file.read(moved, scratch)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const beyond = { ...two, bytes: 50 };
    await expect(file.read(beyond, scratch)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    await file.close();
  });

  test('that cannot be made is an error of ours', async () => {
    const missing = join(dir, 'missing');
    await expect(SpillFile.create(missing)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });
});

test('a block gives back its records, whatever their keys', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(oddKey, fc.uint8Array())), (pairs) => {
      const writer = new BlockWriter();
      for (const [key, bytes] of pairs) writer.add(key, Buffer.from(bytes), 0, bytes.length);
      const records = recordsOf(readBlock(writer.take()));
      expect(records.map(({ key, line }) => [key, [...line]])).toEqual(
        pairs.map(([key, bytes]) => [key, [...bytes]]),
      );
    }),
  );
});

test('sorting by the first characters agrees with comparing keys', () => {
  const alike = fc.array(
    fc.tuple(fc.constantFrom('user', 'user0', ''), fc.string()).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.oneof(alike, fc.array(oddKey)), (keys) => {
      const expected = keys.map((_key, i) => i).sort((a, b) => compareKeys(keys[a]!, keys[b]!) || a - b);
      expect([...Uint32Array.from(sortPositions(keys, comparisonFor(true)))]).toEqual(expected);
    }),
  );
});

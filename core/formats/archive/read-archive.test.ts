import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isAppError, type AppError } from '../../../contract/errors.ts';
import type { ArchiveLimits } from './archive-limits.ts';
import { isArchive } from './archive-beginning.ts';
import { sectionPath } from './archive-manifest.ts';
import { readArchive } from './read-archive.ts';
import { tarHeader } from './tar.ts';
import { lines, sample, sampleWith, tarOf, USERS, type Part } from './testing/sample-archive.ts';

const FIRST = '0123456789abcd';

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Which snapshots were proved, and how many records were seen; the error, if it was refused. */
async function read(
  bytes: Buffer,
  { size = 4096, limits = {} }: { size?: number; limits?: Partial<ArchiveLimits> } = {},
) {
  const proved: string[] = [];
  let records = 0;
  let error: AppError | undefined;
  const options = { name: 'a.tar', keys: {}, signal: new AbortController().signal, limits };
  try {
    await readArchive(pieces(bytes, size), options, {
      async records(_, batches) {
        for await (const batch of batches) records += batch.length;
      },
      async proved({ id }) {
        proved.push(id);
      },
    });
  } catch (thrown) {
    if (!isAppError(thrown)) throw thrown;
    error = thrown;
  }
  return { proved, records, error };
}

const whole = { records: 2 * (USERS + 1), error: undefined };

describe('a whole archive', () => {
  const tar = tarOf(sample().parts);

  it.each([1, 7, 511, 512, 513, 1 << 20])('is read in pieces of %i bytes', async (size) => {
    expect(await read(tar, { size })).toMatchObject(whole);
  });

  it('is read compressed, and with the zeros that tar puts behind', async () => {
    expect(await read(zstdCompressSync(tar))).toMatchObject(whole);
    expect(await read(Buffer.concat([tar, Buffer.alloc(10_240)]))).toMatchObject(whole);
  });

  it('is told from a document by its first bytes', () => {
    expect(isArchive(tar.subarray(0, 512))).toBe(true);
    expect(isArchive(zstdCompressSync(tar).subarray(0, 512))).toBe(true);
    expect(isArchive(Buffer.from('{"realm":{}}'))).toBe(false);
    expect(isArchive(Buffer.alloc(0))).toBe(false);
  });
});

describe('an archive that is cut off', () => {
  it('is refused wherever that is', async () => {
    const tar = tarOf(sample().parts);
    for (let length = 512; length < tar.length; length += 997)
      expect((await read(tar.subarray(0, length))).error, String(length)).toBeDefined();
    expect((await read(tar.subarray(0, -1))).error).toMatchObject({
      message: expect.stringMatching(/ends too early; the file has [\d,]+ bytes\.$/),
      remedy: expect.stringContaining('was cut off'),
      details: { bytes: tar.length - 1 },
    });
  });

  it('is refused when it was compressed, too', async () => {
    const packed = zstdCompressSync(tarOf(sample().parts));
    for (let length = 1; length < packed.length; length += 131)
      expect((await read(packed.subarray(0, length))).error, String(length)).toBeDefined();
    expect((await read(packed.subarray(0, -100))).error).toMatchObject({
      message: expect.stringMatching(/: its end is missing; the file has [\d,]+ bytes\.$/),
      remedy: expect.stringContaining('was cut off'),
    });
  });
});

it('that was changed is told as such, with how far it was read', async () => {
  const packed = zstdCompressSync(tarOf(sample().parts));
  const changed = Buffer.from(packed);
  changed[packed.length >> 1]! ^= 0xff;
  const { error } = await read(changed, { size: 512 });
  expect(error).toMatchObject({
    code: 'INVALID_DOCUMENT',
    remedy: expect.stringContaining('since it was written'),
  });
  expect(error?.message).toMatch(
    /the damage is within its first [\d,]+ bytes\.$|the file has [\d,]+ bytes\.$/,
  );
});

it('is refused for any byte that was changed, but in what no reader looks at', async () => {
  const { parts } = sample();
  const tar = tarOf(parts);
  const unseen: number[] = [];
  for (let at = 0; at < tar.length; at += 89) {
    const changed = Buffer.from(tar);
    changed[at]! ^= 0x01;
    if ((await read(changed, { size: 1 << 20 })).error === undefined) unseen.push(at);
  }
  // A manifest's free texts are the only bytes that nothing else repeats: age proves them.
  const end = 512 + parts[0]!.content.length;
  expect(unseen.filter((at) => at >= end)).toEqual([]);
});

function changed(name: string, change: Partial<Part>): Part[] {
  return sample().parts.map((part) => (part.name === name ? { ...part, ...change } : part));
}
const users = sectionPath(FIRST, 'users');
const type = (byte: string) => (header: Buffer) => void header.write(byte, 156);

describe('an archive is refused, and nothing of it proved beforehand, that holds', () => {
  const cases: [string, Part[], string][] = [
    ['a symbolic link', changed(users, { header: type('2') }), 'a symbolic link'],
    ['a hard link', changed(users, { header: type('1') }), 'a hard link'],
    ['a device', changed(users, { header: type('3') }), 'a device'],
    ['a folder', changed(users, { header: type('5') }), 'a folder'],
    ['a pipe', changed(users, { header: type('6') }), 'a pipe'],
    ['an extended header', changed(users, { header: type('x') }), 'an extended header'],
    ['a long name', changed(users, { header: type('L') }), 'a long name'],
    ['a sparse file', changed(users, { header: type('S') }), 'a sparse file'],
    ['an unheard-of thing', changed(users, { header: type('~') }), 'unknown'],
    [
      'a name in two parts',
      changed(users, { header: (header) => void header.write('/etc', 345) }),
      'too long a name',
    ],
    [
      'a file of no size',
      changed(users, { header: (header) => void header.write('nonsense', 124) }),
      'has no size',
    ],
    [
      'a negative size',
      changed(users, { header: (header) => void header.fill(0xff, 124, 136) }),
      'has no size',
    ],
    ['a path out of it', changed(users, { name: '../../etc/passwd' }), 'is not where it has to be'],
    ['an absolute path', changed(users, { name: '/etc/passwd' }), 'is not where it has to be'],
    ['one file twice', [...sample().parts, sample().parts.at(-1)!], 'more than its manifest says'],
    ['one file less', sample().parts.slice(0, -1), 'is not where it has to be'],
    [
      'files in another order',
      sample().parts.toSpliced(3, 2, sample().parts[4]!, sample().parts[3]!),
      'is not where',
    ],
    ['no manifest', sample().parts.slice(1), 'does not begin with'],
    ['a manifest later', [sample().parts[1]!, sample().parts[0]!], 'does not begin with'],
  ];
  it.each(cases)('%s', async (_, parts, message) => {
    const { error } = await read(tarOf(parts));
    expect(error?.code).toBe('INVALID_DOCUMENT');
    expect(error?.message).toContain(message);
    expect(error?.notChanged).toBe('Nothing of it was stored.');
  });

  it.each([Buffer.from('x'), zstdCompressSync(Buffer.from('x'))])(
    'something behind its frame',
    async (more) => {
      for (const size of [7, 1 << 20])
        expect(
          (await read(Buffer.concat([zstdCompressSync(tarOf(sample().parts)), more]), { size })).error,
        ).toBeDefined();
    },
  );

  it('something behind its end', async () => {
    const tar = tarOf(sample().parts);
    expect((await read(Buffer.concat([tar, Buffer.from('x')]))).error?.message).toContain(
      'more than its manifest',
    );
  });
});

describe('a manifest is refused that', () => {
  const refusal = async (change: Parameters<typeof sample>[0]) =>
    (await read(tarOf(sample(change).parts))).error;

  it.each<[string, Parameters<typeof sample>[0], string]>([
    ['has one id twice', (it) => void (it.snapshots[1]!.id = FIRST), 'twice'],
    ['has an id that is a path', (it) => void (it.snapshots[0]!.id = '../../../../ab'), 'snapshots.0.id'],
    ['names another file', (it) => void (it.snapshots[0]!.sections[0]!.path = '/etc/passwd'), 'not named'],
    ['has too many files', (it) => void it.files.push(it.files[0]!), 'belong to no snapshot'],
    [
      'has sections in another order',
      (it) =>
        void ((it.snapshots[0]!.sections = it.snapshots[0]!.sections.toReversed()),
        ([it.files[1], it.files[2]] = [it.files[2]!, it.files[1]!])),
      'not in their order',
    ],
    ['has members that nobody knows', (it) => void Object.assign(it, { extra: 1 }), 'manifest is not as'],
    [
      'calls a snapshot whole that is not',
      (it) => void ((it.snapshots[0]!.sections = []), it.files.splice(1, 2)),
      'said to be whole',
    ],
  ])('%s', async (_, change, message) => {
    expect((await refusal(change))?.message).toContain(message);
  });

  it('is of a later version, with what to do', async () => {
    const error = await refusal((it) => void Object.assign(it, { version: 2 }));
    expect(error?.message).toContain('has version 2');
    expect(error?.remedy).toContain('newer Drawbridge');
  });
});

describe('records are refused that', () => {
  const refusal = async (text: string, records = 1) =>
    (await read(tarOf(sampleWith('users', Buffer.from(text), records).parts))).error;

  it.each([
    ['are no JSON', 'x\n', 'is not JSON'],
    ['are no object', '[]\n', 'is not a JSON object'],
    ['are not UTF-8', '{"username":"\ud800"}\n', undefined],
    ['have no key', '{"email":"a@b"}\n', 'has none where'],
    ['have another type', '{"username":"a","enabled":"yes"}\n', 'has text where true or false'],
    ['hold what cannot be stored', '{"username":"a","x":"\\u0000"}\n', 'no database can store'],
    ['hold half a character', '{"username":"a","x":"\\ud800"}\n', 'no database can store'],
    ['nest without end', `{"username":"a","x":${'['.repeat(100_000)}`, 'nested more than'],
    ['do not end', '{"username":"a"}', 'does not end with a whole line'],
  ])('%s', async (_, text, message) => {
    const bytes = text.endsWith('\n') || text.endsWith('}') ? text : `${text}\n`;
    if (message === undefined) {
      const line = Buffer.concat([Buffer.from('{"username":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
      expect((await read(tarOf(sampleWith('users', line, 1).parts))).error?.message).toContain('UTF-8');
    } else expect((await refusal(bytes))?.message).toContain(message);
  });

  it('come twice, or not in order, or are more than was said', async () => {
    expect((await refusal('{"username":"a"}\n{"username":"a"}\n', 2))?.message).toContain('not greater');
    expect((await refusal('{"username":"b"}\n{"username":"a"}\n', 2))?.message).toContain('not greater');
    expect((await refusal('{"username":"a"}\n{"username":"b"}\n', 1))?.message).toContain('holds 2 records');
  });

  it('are of another realm', async () => {
    const content = lines('realm', [{ name: 'other' }]);
    const { error } = await read(tarOf(sampleWith('realm', content, 1).parts));
    expect(error?.message).toContain('another realm');
  });

  it('never show their values', async () => {
    const error = await refusal('{"username":"a","enabled":"canary-8f3a"}\n');
    expect(JSON.stringify([error?.message, error?.details, error?.remedy])).not.toContain('canary');
  });
});

describe('limits', () => {
  it('hold for the manifest, for all together, for one record, and for what comes behind', async () => {
    const tar = tarOf(sample().parts);
    for (const limits of [
      { manifestBytes: 100 },
      { totalBytes: 1000 },
      { recordBytes: 20 },
      { snapshots: 1 },
    ])
      expect((await read(tar, { limits })).error?.code, JSON.stringify(limits)).toBe('DOCUMENT_TOO_LARGE');
    const endless = Buffer.concat([tar, Buffer.alloc(2 << 20)]);
    expect((await read(endless)).error).toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
  });

  it('are told before anything is unpacked: a bomb of a gigabyte costs nothing', async () => {
    let pulled = 0;
    async function* bomb(): AsyncGenerator<Buffer> {
      const [manifest] = sample((it) => void (it.files[1]!.bytes = 2 ** 50)).parts;
      yield tarOf([manifest!], Buffer.alloc(0));
      for (; pulled < 1 << 30; pulled += 1 << 20) yield Buffer.alloc(1 << 20);
    }
    const options = { name: 'bomb', keys: {}, signal: new AbortController().signal };
    await expect(readArchive(bomb(), options, {})).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE' });
    expect(pulled).toBeLessThan(4 << 20);
  });

  it('of sizes beyond eight gigabytes are written as other readers read them', () => {
    const header = tarHeader('a', 2 ** 40, 0);
    expect(header[124]).toBe(0x80);
    expect(header.readBigUInt64BE(128)).toBe(2n ** 40n);
  });
});

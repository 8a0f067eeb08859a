import { zstdCompressSync } from 'node:zlib';
import { Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { readArchive } from '../../core/formats/archive/read-archive.ts';
import { sample, sampleWith, tarOf, type Part } from '../../core/formats/archive/testing/sample-archive.ts';
import { Dice, inPieces, mutated } from './mutations.ts';
import { Outcomes } from './outcomes.ts';

const IDENTITY = await generateX25519Identity();
const RECIPIENT = await identityToRecipient(IDENTITY);
const LIMITS = { totalBytes: 16 * 1024 ** 2 };

async function encrypted(plain: Buffer): Promise<Buffer> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(RECIPIENT);
  return Buffer.from(await encrypter.encrypt(plain));
}

const { parts } = sample();
const TAR = tarOf(parts);
const PACKED = zstdCompressSync(TAR);
const SEALED = await encrypted(PACKED);

/** Each layer broken by itself, and everything outside it made sound again: so that each is reached. */
const LAYERS: Readonly<Record<string, (dice: Dice) => Promise<Buffer> | Buffer>> = {
  age: (dice) => mutated(SEALED, [PACKED, TAR], dice),
  zstd: (dice) => mutated(PACKED, [SEALED, TAR], dice),
  'zstd in age': (dice) => encrypted(mutated(PACKED, [TAR], dice)),
  tar: (dice) => mutated(TAR, [PACKED], dice),
  'tar in zstd': (dice) => zstdCompressSync(mutated(TAR, [TAR], dice)),
  headers: (dice) => tarOf(parts.map((part) => (dice.below(3) === 0 ? withHeader(part, dice) : part))),
  'order of files': (dice) =>
    tarOf(Array.from({ length: 1 + dice.below(parts.length + 2) }, () => dice.of(parts))),
  manifest: (dice) =>
    tarOf([{ ...parts[0]!, content: mutated(parts[0]!.content, [TAR], dice) }, ...parts.slice(1)]),
  records: (dice) => {
    const users = parts.find(({ name }) => name.endsWith('users.ndjson'))!.content;
    return tarOf(sampleWith('users', mutated(users.subarray(0, 2000), [users], dice), dice.below(40)).parts);
  },
};

function withHeader(part: Part, dice: Dice): Part {
  const [at, byte] = [dice.below(512), dice.below(256)];
  return { ...part, header: (header) => void (header[at] = byte) };
}

test(
  'thousands of hostile archives: each is read or refused, none crashes, hangs or fills memory',
  { timeout: 300_000 },
  async () => {
    const outcomes = new Outcomes([
      'INVALID_DOCUMENT',
      'DOCUMENT_TOO_LARGE',
      'WRONG_KEY',
      'PASSPHRASE_NEEDED',
    ]);
    const reached: Record<string, number> = {};
    for (const [layer, make] of Object.entries(LAYERS))
      for (let seed = 0; seed < 400; seed++) {
        const dice = new Dice(seed * 31 + layer.length);
        const bytes = await make(dice);
        let proved = 0;
        const options = {
          name: 'hostile',
          keys: { identities: [IDENTITY] },
          signal: new AbortController().signal,
          limits: LIMITS,
        };
        const accepted = await outcomes.of(`${layer} ${seed}`, () =>
          readArchive(inPieces(bytes, dice), options, {
            async proved() {
              proved++;
            },
          }),
        );
        // All of it, or it is not accepted.
        if (accepted) expect(proved).toBe(2);
        reached[layer] = (reached[layer] ?? 0) + 1;
      }
    outcomes.report('archives');
    expect(Object.values(reached)).toEqual(Object.keys(LAYERS).map(() => 400));
    expect(outcomes.counts['accepted']).toBeGreaterThan(0);
    expect(outcomes.counts['accepted']).toBeLessThan(outcomes.total / 4);
  },
);

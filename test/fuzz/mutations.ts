/** Numbers that look random and are the same in each run: what a fuzzer found once has to be found again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to `below` - 1. (Mulberry32.) */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let hash = this.#state;
    hash = Math.imul(hash ^ (hash >>> 15), hash | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return ((hash ^ (hash >>> 14)) >>> 0) % below;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

/** What readers of JSON, of text and of numbers have stumbled over. */
const TOKENS = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r',
  '\t',
  ' ',
  '\u0000',
  '\u001f',
  '\u007f',
  '\ufeff',
  '\u2028',
  'null',
  'true',
  'NaN',
  'Infinity',
  '-',
  '-0',
  '1e999',
  '-1e-999',
  '1E+2',
  '0x10',
  '01',
  '.5',
  '5.',
  '9007199254740993',
  '123456789012345678901234567890',
  '1'.repeat(400),
  `1e${'9'.repeat(30)}`,
  '\\u',
  '\\u0000',
  '\\ud800',
  '\\udc00\\ud800',
  '\\x41',
  "'",
  '//',
  '/*',
  '*/',
  '#',
  '<html>',
  '{}',
  '[]',
  '[[[[[[[[',
  ']]]]]]]]',
  '{"a":',
  '{"":{"":{"":',
  ',,',
  '::',
  '"__proto__":',
  '"constructor":{"prototype":1},',
  '"username":"a",',
  '"username":null,',
  '"id":"\\u0000",',
  '"roles":[[]],',
  '{"$secret":"redacted"}',
  '"********"',
  '😀',
  '\ud800',
  'é',
  'e\u0301',
  '${HOME}',
  '../../etc/passwd',
  '%00',
  'A'.repeat(5000),
].map((token) => Buffer.from(token));

const BAD_UTF8 = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xfe, 0xff],
].map((bytes) => Buffer.from(bytes));

/** Changes bytes in one to six places, each in one of the ways in which files and answers are found broken, or attacked. */
export function mutated(original: Buffer, others: readonly Buffer[], dice: Dice): Buffer {
  let bytes = original;
  for (let left = 1 + dice.below(6); left > 0; left--) bytes = once(bytes, others, dice);
  return bytes;
}

const LARGEST = 256 * 1024;

function once(bytes: Buffer, others: readonly Buffer[], dice: Dice): Buffer {
  const at = dice.below(bytes.length + 1);
  const length = dice.below(1 + Math.min(64, bytes.length - at));
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ];
  switch (dice.below(9)) {
    case 0: {
      if (at === bytes.length) return bytes;
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << dice.below(8);
      return flipped;
    }
    case 1:
      return Buffer.concat([before, after]);
    case 2:
      return Buffer.concat([before, part, part, after]);
    case 3:
      return Buffer.concat([before, dice.of(TOKENS), after]);
    case 4:
      return Buffer.concat([before, dice.of(TOKENS), part, after]);
    case 5:
      return Buffer.concat([before, dice.of(BAD_UTF8), part, after]);
    case 6:
      return before;
    case 7: {
      const other = dice.of(others);
      const from = dice.below(other.length + 1);
      return Buffer.concat([before, other.subarray(from, from + dice.below(2000)), after]);
    }
    default: {
      const repeated = part.length === 0 ? Buffer.from('[') : part;
      const times = Math.min(dice.of([2, 10, 200, 5000]), Math.floor(LARGEST / repeated.length));
      return Buffer.concat([before, ...Array.from({ length: times }, () => repeated), after]).subarray(
        0,
        LARGEST,
      );
    }
  }
}

/** In pieces of any sizes, as files and networks give them. */
export async function* inPieces(bytes: Buffer, dice: Dice): AsyncGenerator<Buffer> {
  const most = dice.of([1, 7, 100, 4096, 1 << 20]);
  // One byte at a time for what is large would only be slow.
  const least = bytes.length > 20_000 ? 1000 : 1;
  for (let at = 0; at < bytes.length;) {
    const size = least + dice.below(most);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

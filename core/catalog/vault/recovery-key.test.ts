import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyFromRecoveryKey, newRecoveryKey } from './recovery-key.ts';

const wrong = expect.objectContaining({ code: 'WRONG_KEY' });

describe('a recovery key', () => {
  it('gives one key however it is typed', () => {
    for (let i = 0; i < 50; i++) {
      const written = newRecoveryKey();
      const key = keyFromRecoveryKey(written);
      expect(key).toHaveLength(32);
      expect(keyFromRecoveryKey(` ${written.toLowerCase().replaceAll('-', ' ')}\n`)).toEqual(key);
      expect(keyFromRecoveryKey(written.replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(key);
    }
  });

  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 100 }, newRecoveryKey)).size).toBe(100);
  });

  it('with one wrong character is noticed', () => {
    const written = newRecoveryKey();
    for (let i = 0; i < written.length; i++) {
      if (written[i] === '-') continue;
      const other = written[i] === 'A' ? 'B' : 'A';
      expect(() => keyFromRecoveryKey(written.slice(0, i) + other + written.slice(i + 1))).toThrow(wrong);
    }
  });

  it('notices what is no such key', () => {
    const written = newRecoveryKey();
    expect(() => keyFromRecoveryKey(written.slice(0, -1))).toThrow(wrong);
    expect(() => keyFromRecoveryKey(`${written}0`)).toThrow(wrong);
    expect(() => keyFromRecoveryKey(written.replace(/^./, 'U'))).toThrow(wrong);
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => keyFromRecoveryKey(text)).toThrow(wrong);
      }),
    );
  });
});

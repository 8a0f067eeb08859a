import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeenUsers } from './seen-users.ts';
import { uuid } from './testing/scripted-realm.ts';

describe('users that were seen', () => {
  it('are told from others, as a set of texts would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 200 }), (numbers) => {
        const seen = new SeenUsers();
        const model = new Set<number>();
        for (const number of numbers) {
          expect(seen.see(uuid(number), `name ${number}`)).toBe(model.has(number) ? 'again' : 'new');
          model.add(number);
          expect(seen.size).toBe(model.size);
        }
        expect(seen.inReading).toBe(model.size);
      }),
      { numRuns: 50 },
    );
  });

  it('are known whatever the case of their ids, and by name under another id', () => {
    const seen = new SeenUsers();
    expect(seen.see(uuid(1), 'ann')).toBe('new');
    expect(seen.see(uuid(1).toUpperCase(), 'ann')).toBe('again');
    expect(seen.see(uuid(2), 'ann')).toBe('namesake');
    expect(seen.see(uuid(3), 'Ann')).toBe('new');
    expect(seen.size).toBe(3);
  });

  it('are those of a reading, or not', () => {
    const seen = new SeenUsers();
    for (let i = 0; i < 3_000; i++) seen.see(uuid(i), `${i}`);
    seen.nextReading();
    for (let i = 0; i < 3_000; i++) if (i % 1_000 !== 7) expect(seen.see(uuid(i), `${i}`)).toBe('again');
    expect(seen.inReading).toBe(2_997);
    expect(seen.notInReading(10).sort()).toEqual([uuid(7), uuid(1_007), uuid(2_007)].sort());
    expect(seen.notInReading(1)).toHaveLength(2);
  });

  it('take some 45 bytes each, and what is not collected yet', () => {
    const count = 200_000;
    const bytes = () => process.memoryUsage().arrayBuffers;
    const before = bytes();
    const seen = new SeenUsers();
    for (let i = 0; i < count; i++)
      seen.see(
        `${i.toString(16).padStart(8, '0')}-0000-4000-8000-${(i * 7919).toString(16).padStart(12, '0')}`,
        `user ${i}`,
      );
    // Blocks and indexes that were replaced may not be collected yet.
    globalThis.gc?.();
    expect(seen.size).toBe(count);
    expect((bytes() - before) / count).toBeLessThan(90);
  });
});

import { expect, it } from 'vitest';
import { DroppedNames } from './dropped-names.ts';

function storage(): Pick<Storage, 'getItem' | 'setItem'> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
}

it('are known when the page is loaded anew, and of another window as well', () => {
  const kept = storage();
  const [one, other] = [new DroppedNames(kept), new DroppedNames(kept)];
  one.add('/tmp/1/a_b.json', 'a b.json');
  other.add('/tmp/2/c.json', 'c.json');
  const anew = new DroppedNames(kept);
  expect([anew.of('/tmp/1/a_b.json'), anew.of('/tmp/2/c.json'), anew.of('/tmp/3')]).toEqual([
    'a b.json',
    'c.json',
    undefined,
  ]);
});

it('are the newest ones only', () => {
  const kept = storage();
  const names = new DroppedNames(kept);
  for (let nth = 0; nth <= 50; nth++) names.add(`/tmp/${nth}`, `${nth}`);
  expect([names.of('/tmp/0'), names.of('/tmp/1'), new DroppedNames(kept).of('/tmp/50')]).toEqual([
    undefined,
    '1',
    '50',
  ]);
});

it('are known to the page itself where the browser keeps nothing, or something else', () => {
  const full = {
    getItem: () => '{"not": "names"}',
    setItem: () => {
      throw new Error('It is full.');
    },
  };
  for (const names of [new DroppedNames(undefined), new DroppedNames(full)]) {
    names.add('/tmp/1', 'a');
    expect(names.of('/tmp/1')).toBe('a');
  }
  expect(new DroppedNames({ ...full, getItem: () => 'not JSON' }).of('/tmp/1')).toBeUndefined();
});

import { expect, it } from 'vitest';
import { warnIfWeak } from './weak-passphrase.ts';

function warnings(passphrase: string): string[] {
  const said: string[] = [];
  warnIfWeak({ self: 'drawbridge', warn: (line) => said.push(line) }, passphrase);
  return said;
}

it.each([
  ['a', 'shorter than 12 characters'],
  ['Tr0ub4dor&3', 'shorter than 12 characters'],
  ['🦆🦆🦆🦆🦆🦆', 'shorter than 12 characters'],
  ['aaaaaaaaaaaaaaaa', 'made of one character alone'],
  ['121212121212', 'made of 2 different characters alone'],
  ['correct horse battery staple', 'a well-known example, or little more'],
  ['Correct-Horse-Battery-Staple 2026', 'a well-known example, or little more'],
])('%s is weak, which is said without showing it', (passphrase, why) => {
  expect(warnings(passphrase)).toEqual([expect.stringContaining(`The new passphrase is ${why}:`)]);
  expect(warnings(passphrase)[0]).toContain('drawbridge catalog passphrase');
});

it('others are passed over', () => {
  expect(warnings('correct horse')).toEqual([]);
  expect(warnings('a bridge of many planks 17')).toEqual([]);
  expect(warnings('once upon a time a pelican thimbled in gaskets')).toEqual([]);
});

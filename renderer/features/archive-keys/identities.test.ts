import { expect, it } from 'vitest';
import { identitiesIn, identitiesOf, openingKeys, withPasted } from './identities.ts';

const WRITTEN =
  '# created: 2026-01-01\r\n# public key: age1abc\r\nAGE-SECRET-KEY-1A\r\n\r\n AGE-SECRET-KEY-1B \n';

function file(name: string, text: string): File {
  return new File([text], name);
}

it('finds the identities in what age-keygen writes', async () => {
  expect(identitiesIn(WRITTEN)).toEqual(['AGE-SECRET-KEY-1A', 'AGE-SECRET-KEY-1B']);
  expect(await identitiesOf(file('key.txt', WRITTEN))).toEqual({
    identities: ['AGE-SECRET-KEY-1A', 'AGE-SECRET-KEY-1B'],
  });
});

it('says of another file that it holds none, and repeats nothing of it', async () => {
  for (const text of ['', '# only a comment', 'ssh-ed25519 canary', `${WRITTEN}canary`]) {
    const found = await identitiesOf(file('key.txt', text));
    expect(found).toEqual({ unfit: expect.stringMatching(/^“key\.txt” does not hold identities of age/) });
    expect(JSON.stringify(found)).not.toContain('canary');
  }
  expect(await identitiesOf(file('disk.img', 'x'.repeat(200_001)))).toEqual({
    unfit: '“disk.img” is too large to hold identities of age.',
  });
  const gone = {
    name: 'key.txt',
    size: 1,
    text: () => Promise.reject(new Error('It is gone.')),
  };
  expect(await identitiesOf(gone)).toEqual({ unfit: '“key.txt” could not be read: It is gone.' });
});

it('puts what is pasted beside what is typed, or in the place of what is selected of it', () => {
  const both = 'AGE-SECRET-KEY-1A AGE-SECRET-KEY-1B';
  expect(withPasted('', [0, 0], WRITTEN)).toBe(both);
  expect(withPasted('AGE-SECRET-KEY-1C', [17, 17], WRITTEN)).toBe(`AGE-SECRET-KEY-1C ${both}`);
  expect(withPasted('AGE-SECRET-KEY-1C', [0, 17], WRITTEN)).toBe(both);
});

it('opens with what was given, and leaves it to the engine to refuse what is none', () => {
  expect(openingKeys('', ' ')).toBeUndefined();
  expect(openingKeys('p a s s', '')).toEqual({ passphrase: 'p a s s' });
  expect(openingKeys('', 'AGE-SECRET-KEY-1A  AGE-SECRET-KEY-1B')).toEqual({
    identities: ['AGE-SECRET-KEY-1A', 'AGE-SECRET-KEY-1B'],
  });
  expect(openingKeys('', 'none')).toEqual({ identities: ['none'] });
});

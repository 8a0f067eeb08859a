import { expect, it } from 'vitest';
import { HARMLESS } from './draft.ts';
import { mirrorSentence } from './mirror-words.ts';

it('promises to be as the source only of what is updated', () => {
  expect(mirrorSentence(HARMLESS)).toMatch(/not quite as the source. Users .* Clients that both have stay/);
  expect(mirrorSentence({ ...HARMLESS, users: 'merge' })).toMatch(
    /not quite as the source. Clients that both/,
  );
  expect(mirrorSentence({ ...HARMLESS, users: 'merge', clients: 'update' })).toMatch(/and no others/);
});

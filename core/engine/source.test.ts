import { expect, it } from 'vitest';
import { parseSource } from './source.ts';

const known = (name: string) => name === 'dev';

it.each([
  ['k3j9x2', { kind: 'snapshot', id: 'k3j9x2' }],
  ['latest:dev/acme', { kind: 'latest', environment: 'dev', realm: 'acme' }],
  ['dev/acme-corp', { kind: 'live', environment: 'dev', realm: 'acme-corp' }],
  ['./dev/acme', { kind: 'file', path: './dev/acme' }],
  ['config/realm-seed.json', { kind: 'file', path: 'config/realm-seed.json' }],
  ['/tmp/x', { kind: 'file', path: '/tmp/x' }],
  ['C:\\backup\\x', { kind: 'file', path: 'C:\\backup\\x' }],
])('reads %s', (text, source) => {
  expect(parseSource(text, known)).toEqual(source);
});

it('names the environment that is not known', () => {
  expect(() => parseSource('stage/acme', known)).toThrow(/none called “stage”/);
});

it('lists the forms when it is none of them', () => {
  expect(() => parseSource('what is this?', known)).toThrow(
    expect.objectContaining({ code: 'USAGE', remedy: expect.stringContaining('latest:') as string }),
  );
});

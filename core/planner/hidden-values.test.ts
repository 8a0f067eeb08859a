import { expect, it } from 'vitest';
import { REDACTED } from '../model/secret.ts';
import { holdsHidden, withHiddenFrom, withoutHidden } from './hidden-values.ts';

const hidden = { host: 'h', password: REDACTED, list: [{ token: REDACTED, name: 'n' }] };

it('leaves hidden secrets out', () => {
  expect(withoutHidden(hidden)).toEqual({ value: { host: 'h', list: [{ name: 'n' }] }, left: true });
  expect(withoutHidden({ host: 'h' })).toEqual({ value: { host: 'h' }, left: false });
  expect([hidden, [[REDACTED]], REDACTED].map(holdsHidden)).toEqual([true, true, true]);
  expect(['text', null, [1], { a: {} }].map(holdsHidden)).toEqual([false, false, false, false]);
});

it('takes hidden secrets from the target', () => {
  const target = { host: 'old', password: 'p', list: [{ token: 't', name: 'old' }] };
  expect(withHiddenFrom(target, hidden)).toEqual({
    host: 'h',
    password: 'p',
    list: [{ token: 't', name: 'n' }],
  });
});

it('has nothing to keep where the target has none', () => {
  expect(withHiddenFrom({ host: 'old' }, { host: 'h', password: REDACTED })).toEqual({ host: 'h' });
  expect(withHiddenFrom(undefined, { host: 'h', password: REDACTED })).toEqual({ host: 'h' });
});

it('gives up where the target’s are hidden too, or cannot be told which is which', () => {
  expect(withHiddenFrom(hidden, hidden)).toBeUndefined();
  expect(withHiddenFrom([{ token: 'a' }, { token: 'b' }], [{ token: REDACTED }])).toBeUndefined();
});

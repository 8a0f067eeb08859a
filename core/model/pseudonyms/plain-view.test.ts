import { expect, it } from 'vitest';
import { encodedLike, plainView } from './plain-view.ts';

it.each([
  ['https://a/?to=ann%40x.test', 'https://a/?to=ann@x.test'],
  ['u=https%3A%2F%2Fb%2F%3Fto%3Dann%2540x.test', 'u=https://b/?to=ann@x.test'],
  ['ann&#64;x&#x2e;test, ann&commat;x&period;test', 'ann@x.test, ann@x.test'],
  ['{"to":"ann\\u0040x.test", \\x61nn}', '{"to":"ann@x.test", ann}'],
  ['J%C3%BCrgen, J%FCrgen, %F0%9F%98%80', 'Jürgen, Jürgen, 😀'],
  ['100 % of &nobody; \\users &#99999999; %4', '100 % of &nobody; \\users &#99999999; %4'],
])('%s is %s', (source, text) => {
  const view = plainView(source);
  expect(view.text).toBe(text);
  expect(view.sourceOf(text.length)).toBe(source.length);
  const [at, of] = [text.indexOf('x.test'), source.search(/x(?:\.|&period;)test/)];
  if (of >= 0 && at >= 0 && !source.includes('&#')) expect(view.sourceOf(at)).toBe(of);
});

it('is written again as it was', () => {
  expect(encodedLike('ann@x.test', 'bob@y.test')).toBe('bob@y.test');
  expect(encodedLike('ann%40x.test', 'bob@y.test')).toBe('bob%40y.test');
  expect(encodedLike('ann%2540x.test', 'bob@y.test')).toBe('bob%2540y.test');
  expect(encodedLike('ann&#64;x.test', 'bob@y.test')).toBe('bob@y.test');
});

it('takes time by its length alone', () => {
  const started = performance.now();
  for (const part of ['%25', '&#64;', '%E0', '\\u0040', '&amp;']) plainView(part.repeat(100_000));
  expect(performance.now() - started).toBeLessThan(5_000);
});

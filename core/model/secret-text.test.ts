import { describe, expect, it } from 'vitest';
import { withoutAddressPasswords, withoutSecretParts } from './secret-text.ts';

describe('an address', () => {
  it.each([
    ['smtps://u:pw@h', 'smtps://u:‹›@h'],
    [
      'see https://u:pw@h/p?q=r@s and postgres://:pw@b:5432/d.',
      'see https://u:‹›@h/p?q=r@s and postgres://:‹›@b:5432/d.',
    ],
    ['//u:p:w@x@h/y', '//u:‹›@h/y'],
    ['postgres://a:p/w@b', 'postgres://a:‹›@b'],
    ['https://p/?next=https%3A%2F%2Fu%3Apw%40h%2Fx', 'https://p/?next=https%3A%2F%2Fu%3A‹›%40h%2Fx'],
    ['"https://a:b@c","https://d:e@f"', '"https://a:‹›@c","https://d:‹›@f"'],
  ])('%s is shown without its password', (text, shown) => {
    expect(withoutAddressPasswords(text, '‹›')).toBe(shown);
    expect(withoutSecretParts(text, '‹›')).toBe(shown);
  });

  it.each([
    'https://h:8080/cb/u@x',
    'https://user@h/x',
    'https://[::1]:25/a@b',
    'http://h:80?mail=a@b',
    'mailto:a@b.c',
    'a: b // c: d e@f',
    '',
  ])('%s has none', (text) => expect(withoutSecretParts(text, '‹›')).toBe(text));
});

describe('in a text for programs, a secret', () => {
  it.each([
    ['host=h password=pw user=u', 'host=h password=‹› user=u'],
    ['Server=h;Password=a b;Database=d', 'Server=h;Password=‹›;Database=d'],
    [`host=h password='a b' user=u`, 'host=h password=‹› user=u'],
    ['https://h/?api_key=k&x=y', 'https://h/?api_key=‹›&x=y'],
    ['Accept: x\nX-Api-Key: k k', 'Accept: x\nX-Api-Key: ‹›'],
    ['{"a": 1, "bearer": "x", "b": 2}', '{"a": 1, "bearer": ‹›, "b": 2}'],
    ['curl -H "X: Bearer abcDEF12"', 'curl -H "X: Bearer ‹›"'],
  ])('in %s is not shown', (text, shown) => expect(withoutSecretParts(text, '‹›')).toBe(shown));

  it.each(['Basic authentication is required', 'kind: s', 'a == b', 'x=1; y=2'])('is not in %s', (text) =>
    expect(withoutSecretParts(text, '‹›')).toBe(text),
  );

  it('is looked for in a time that grows with the text only, whatever is in it', () => {
    const length = 400_000;
    for (const part of [
      'a',
      ' ',
      '/',
      '//',
      'a:',
      '//a:b',
      '//a:b@',
      'password=x ',
      'password= ',
      '"',
      '"a":',
      '%3a%2f%2f',
      '%3A%2F%2Fu%3A',
      'a.',
      'bearer ',
      'pw="',
      '=',
      '\n',
      'a:\n',
      '//a:b/',
      "'password':",
      '@',
    ]) {
      const text = part.repeat(length / part.length);
      const begun = performance.now();
      withoutSecretParts(text, '');
      expect(performance.now() - begun, JSON.stringify(part)).toBeLessThan(3000);
    }
  });
});

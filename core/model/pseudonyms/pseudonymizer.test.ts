import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { text } from '../testing/arbitraries.ts';
import { createPseudonymizer } from './pseudonymizer.ts';

const KEY = Buffer.alloc(32, 3);
const names = createPseudonymizer({ key: KEY, keepDomains: false });
const kept = createPseudonymizer({ key: KEY, keepDomains: true });

const handle = text({ minLength: 1, maxLength: 30 }).filter((any) => !any.includes('@'));
const address = fc.tuple(handle, handle).map(([local, domain]) => `${local}@${domain}`);

/** The text with each choice of its letters in upper case. */
function everyCaseOf(text: string): string[] {
  return Array.from(text).reduce<string[]>(
    (forms, one) =>
      forms.flatMap((form) => [...new Set([one, one.toUpperCase()])].map((next) => form + next)),
    [''],
  );
}

describe('a pseudonym', () => {
  it('is always the same, and another under another key', () => {
    const others = createPseudonymizer({ key: Buffer.alloc(32, 4), keepDomains: false });
    fc.assert(
      fc.property(fc.oneof(handle, address), (one) => {
        const again = createPseudonymizer({ key: KEY, keepDomains: false });
        expect(again.username(one)).toBe(names.username(one));
        expect(again.email(one)).toBe(names.email(one));
        expect(others.username(one)).not.toBe(names.username(one));
        expect(others.uuid(one)).not.toBe(names.uuid(one));
      }),
    );
  });

  it('is a name that people can read, and fits where names stand', () => {
    expect(names.username('alice')).toMatch(/^[a-z]+\.[a-z]+\.[0-9a-z]{13}$/);
    expect(names.firstName('alice').toLowerCase()).toBe(names.username('alice').split('.')[0]);
    expect(names.lastName('a@b').toLowerCase()).toBe(names.username('a@b').split('.')[1]);
    const long = `${'x'.repeat(300)}@${'y'.repeat(300)}.com`;
    for (const made of [names.username(long), names.email(long), kept.email(long), names.subject('p', long)])
      expect(made.length).toBeLessThanOrEqual(255);
    expect(names.uuid('x')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('of names that differ by case only, differs by case only: and never is one for two', () => {
    for (const text of ['bob', 'j.quimby', 'j.quimby@x.de'])
      for (const one of [names, kept]) {
        const made = everyCaseOf(text).map((form) => one.username(form));
        expect(new Set(made).size).toBe(everyCaseOf(text).length);
        const same = made.filter((name) => name.toLowerCase() === one.username(text));
        // The rest are capitals where nobody writes them, which fell to those that mean something else.
        expect(same.length).toBeGreaterThan(made.length * 0.98);
        expect(one.firstName(text.toUpperCase())).toBe(one.firstName(text));
      }
  });

  it('is still one for each where there are more capitals than it has letters', () => {
    const long = 'averyveryverylongname.indeed.without.end';
    const forms = everyCaseOf(long.slice(0, 8)).map((start) => `${start}${long.slice(8, -1)}D`);
    expect(new Set(forms.map((form) => names.username(form))).size).toBe(forms.length);
  });

  it('carries over the capitals that people write', () => {
    const made = names.email('jonathan.quimby@corp.example');
    const forms = ['Jonathan.Quimby@corp.example', 'JONATHAN.QUIMBY@CORP.EXAMPLE', 'JQuimby@Corp.example'];
    expect(names.email(forms[0]!)).toMatch(/^[A-Z][a-z]+\.[A-Z][a-z]+\.[0-9a-z]/i);
    expect(names.email(forms[0]!).toLowerCase()).toBe(made);
    expect(names.email(forms[1]!)).toBe(made.toUpperCase());
    expect(names.email(forms[2]!).toLowerCase()).toBe(names.email('jquimby@corp.example'));
    expect(names.username('Jonathan.McQuimby').toLowerCase()).toBe(names.username('jonathan.mcquimby'));
    for (const odd of ['İnci', 'ẞ.weiss', 'Kelvin'])
      expect(names.username(odd)).not.toBe(names.username(odd.toLowerCase()));
  });

  it('is no other’s: of a hundred thousand, no two are alike', () => {
    const made = new Set<string>();
    for (let i = 0; i < 100_000; i++) made.add(names.username(`user-${i}`));
    expect(made.size).toBe(100_000);
  });

  it('keeps who has the same domain together, and the domain itself only where that is asked for', () => {
    const domain = (one: string) => one.slice(one.lastIndexOf('@'));
    expect(domain(names.email('a@Corp.com')).toLowerCase()).toBe(
      domain(names.email('b@corp.COM')).toLowerCase(),
    );
    expect(domain(names.email('a@corp.com'))).toMatch(/^@d-[0-9a-z]{8}\.example$/);
    expect(domain(kept.email('a@corp.com'))).toBe('@corp.com');
  });

  it('is of one person for an accent written in two ways, and one for each of two users', () => {
    for (const [composed, apart] of [
      ['jos\u00e9', 'jose\u0301'],
      ['jos\u00e9@x.test', 'jose\u0301@x.test'],
    ] as const) {
      const made = names.username(composed).split('@')[0]!;
      expect(names.username(apart).startsWith(`${made}.`)).toBe(true);
      expect(names.firstName(apart)).toBe(names.firstName(composed));
    }
  });

  it('is the same for a UUID however it is written', () => {
    const id = 'c0000000-0000-4000-8000-00000000cafe';
    expect(names.uuid(id.toUpperCase())).toBe(names.uuid(id));
    expect(names.uuid(id.replaceAll('-', ''))).toBe(names.uuid(id));
  });
});

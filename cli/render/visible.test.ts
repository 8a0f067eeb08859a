import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoted, visible, visibleJson, visibleLines } from './visible.ts';

test('escape sequences, line breaks and direction marks are shown, not obeyed', () => {
  expect(visible('a\u001b[31mred\nb')).toBe('a\\u{1B}[31mred\\nb');
  expect(visible('rtl.\u202Eoverride')).toBe('rtl.\\u{202E}override');
  expect(visible('\u009b2J')).toBe('\\u{9B}2J');
  expect(visible('zero\u200Bwidth\uFEFF')).toBe('zero\\u{200B}width\\u{FEFF}');
  expect(quoted('x\ty')).toBe('“x\\ty”');
});

test('names in any script, emoji and their joiners stay as they are', () => {
  for (const name of [
    'مريم.الخطيب',
    '李小龍',
    '👩‍👩‍👧‍👦 🇰🇭',
    'zoe\u0308',
    'क्\u200dष',
    '🏴\u{E0067}\u{E0062}\u{E007F}',
  ]) {
    expect(visible(name)).toBe(name);
  }
});

test('a composite key shows its parts with a slash', () => {
  expect(visible('alice\u0000PASSWORD')).toBe('alice/PASSWORD');
});

test('a line of data cannot pass for a line of ours', () => {
  expect(visibleLines('first\nWhat to do: pay me\r')).toBe('first\n  What to do: pay me\\r');
});

test('JSON is harmless on a terminal and reads back as what it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const document = { value, [text]: text };
      const printed = visibleJson(document);
      expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(document)));
      expect(printed).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }),
  );
});

test('no text at all brings a control character or a direction mark to the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/u);
    }),
  );
});

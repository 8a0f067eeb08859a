/** One user whose name or text breaks naive tools. */
export interface DeliberateUser {
  readonly username: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
}

/**
 * Users of the realm `acme` that stand for what real directories hold: quotes, newlines, emoji, right-to-left text,
 * 255 characters, names that differ only by case or by Unicode normalisation, and code points on both sides of the
 * surrogates (where UTF-16 order and byte order disagree).
 */
export const DELIBERATE_USERS: readonly DeliberateUser[] = [
  { username: 'alice', firstName: 'Alice', lastName: 'Liddell' },
  { username: 'Alice', firstName: 'Alice', lastName: 'Capital' },
  { username: `pat "the quote" o'brien`, firstName: 'Pat "P."', lastName: `O'Brien` },
  { username: 'back\\slash\\n', firstName: 'C:\\new\\table', lastName: '\\N' },
  { username: 'newline.norris', firstName: 'Line\nbreak', lastName: 'Norris\r\nThe Second' },
  { username: 'tab.tabitha', firstName: 'Tab\tTabitha', lastName: '\u0001\u001f\u007f' },
  { username: '🦊.fox', firstName: '🦊', lastName: 'Fox 👩‍👩‍👧‍👦 🇰🇭' },
  { username: '\u{1F600}', firstName: 'Grinning', lastName: 'Face' },
  { username: '\uFB01ona', firstName: 'Ligature', lastName: '\uFB01ona' },
  { username: 'مريم.الخطيب', firstName: 'مريم', lastName: 'الخطيب' },
  { username: 'rtl.\u202Eoverride', firstName: '\u202Eevil', lastName: '\u200Fmark\u200E' },
  { username: 'zo\u00EB', firstName: 'Composed', lastName: 'NFC' },
  { username: 'zoe\u0308', firstName: 'Decomposed', lastName: 'NFD' },
  { username: `long.${'x'.repeat(250)}`, firstName: 'F'.repeat(255), lastName: '長'.repeat(255) },
  { username: ' leading and trailing ', firstName: ' ', lastName: '' },
  { username: 'path/../to?x=1&y=2#z%20+', firstName: 'U', lastName: 'RL' },
  { username: 'comma,semi;colon', firstName: '=1+1', lastName: '"quoted, csv"' },
  { username: '__proto__', firstName: 'constructor', lastName: 'toString' },
  { username: '<script>alert(1)</script>', firstName: '<b>', lastName: '&amp;' },
  { username: "robert'); DROP TABLE users;--", firstName: 'Bobby', lastName: 'Tables' },
  { username: 'null', firstName: null, lastName: null },
  { username: '\u212Aelvin', firstName: 'Kelvin', lastName: 'sign' },
  { username: '123456', firstName: 'Only', lastName: 'Digits' },
  { username: 'dé-jà.vu', firstName: 'Déjà', lastName: 'Vu' },
];

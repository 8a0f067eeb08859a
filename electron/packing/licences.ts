/**
 * Licences under which something may be given away inside a program that is itself under Apache-2.0: all they ask is that
 * their text goes along, which THIRD-PARTY-LICENSES.txt does. SPDX identifiers.
 */
const COMPATIBLE = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ICU',
  'ISC',
  'MIT',
  'OFL-1.1',
  'OSSP',
  'PostgreSQL',
  'Python-2.0',
  'Unicode-3.0',
  'Unlicense',
  'Zlib',
  'blessing',
  'LicenseRef-Public-Domain',
]);

/** Whether an SPDX expression without nested brackets asks for nothing else. */
export function isCompatible(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, '$1');
  if (plain.includes(' OR ')) return plain.split(' OR ').some(isCompatible);
  return plain.split(' AND ').every((licence) => COMPATIBLE.has(licence));
}

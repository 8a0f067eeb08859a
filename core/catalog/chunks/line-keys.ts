import { MEMBERS } from '../../model/members.ts';
import { naturalKey } from '../../model/natural-key.ts';
import { parseLine } from '../../model/exact-json.ts';
import { perSection, type Section } from '../../model/sections.ts';

/** The key of the line at `[start, end)` of a chunk's plaintext. */
export type LineKey = (plain: Buffer, start: number, end: number) => string;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads natural keys from canonical lines without parsing them: the canonical form puts the members of the key first, so
 * they stand at the start of every line as `{"username":"…"`. A line that looks otherwise, or whose key holds an escape,
 * is parsed. This is why chunks need not store keys beside lines.
 */
const LINE_KEYS: Readonly<Record<Section, LineKey>> = perSection((section) =>
  leadingTexts(
    MEMBERS[section]
      .filter((member) => member.key)
      .map((member, index) => `${index === 0 ? '{' : ','}${JSON.stringify(member.name)}:"`),
    (line) => naturalKey(section, parseLine(line)),
  ),
);

/** @throws AppError INVALID_DOCUMENT from the reader when a line lacks its key */
export function lineKeyOf(section: Section): LineKey {
  return LINE_KEYS[section];
}

/**
 * Reads JSON texts at the start of a line, each behind one of the given heads (which include the opening quote). More
 * than one are joined as natural keys are. Where the bytes are not that simple, `parse` has to.
 */
export function leadingTexts(headTexts: readonly string[], parse: (line: Buffer) => string): LineKey {
  const heads = headTexts.map((head) => Buffer.from(head));
  return (plain, start, end) => {
    let key = '';
    let at = start;
    for (let part = 0; part < heads.length; part++) {
      const head = heads[part]!;
      for (let i = 0; i < head.length; i++, at++)
        if (plain[at] !== head[i]) return parse(plain.subarray(start, end));
      const from = at;
      let all = 0;
      for (let byte = plain[at]!; byte !== QUOTE; byte = plain[++at]!) {
        if (byte === BACKSLASH || at >= end) return parse(plain.subarray(start, end));
        all |= byte;
      }
      const text = plain.toString(all < 0x80 ? 'latin1' : 'utf8', from, at);
      key = part === 0 ? text : `${key}\u0000${text}`;
      at++;
    }
    return key;
  };
}

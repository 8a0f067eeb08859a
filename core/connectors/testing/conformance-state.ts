import { expect } from 'vitest';
import { canonicalBody } from '../../model/canonical.ts';
import { parseLine } from '../../model/exact-json.ts';
import { compareKeys } from '../../model/key-order.ts';
import { memberOf } from '../../model/members.ts';
import { naturalKey } from '../../model/natural-key.ts';
import type { JsonObject } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import type { CaptureFacts } from '../../model/snapshot.ts';
import type { CaptureOptions, Connector } from '../connector.ts';

export type Records = Map<string, JsonObject>;

/** A realm as a connector read it, small enough to be held. */
export interface Captured {
  readonly sections: Map<Section, Records>;
  readonly facts: CaptureFacts;
  /** Bytes of the canonical lines of the largest batch. */
  readonly largestBatch: number;
  /** Every line. */
  readonly text: string;
}

export async function capture(
  connector: Connector,
  realm: string,
  sections?: readonly Section[],
  signal: AbortSignal = new AbortController().signal,
  more: CaptureOptions = {},
): Promise<Captured> {
  const read = new Map<Section, Records>();
  const lines: string[] = [];
  let largestBatch = 0;
  const reading = connector.capture(realm, sections === undefined ? more : { ...more, sections }, signal);
  for await (const { section, records } of reading.batches) {
    const into = read.get(section) ?? new Map<string, JsonObject>();
    read.set(section, into);
    for (const { key, line } of records) {
      expect(into.has(key)).toBe(false);
      into.set(key, parseLine(line));
      lines.push(line.toString('utf8'));
    }
    largestBatch = Math.max(
      largestBatch,
      records.reduce((bytes, record) => bytes + record.line.length, 0),
    );
  }
  const facts = reading.facts();
  for (const section of facts.sections) if (!read.has(section)) read.set(section, new Map());
  return { sections: read, facts, largestBatch, text: lines.join('\n') };
}

/** The records of a section are those expected, in all that the source claims to know and can show, and that is `asked`. */
export function expectRecords(
  captured: Captured,
  section: Section,
  expected: readonly JsonObject[],
  asked: (member: string) => boolean = () => true,
): void {
  const knows = (captured.facts.knows[section] ?? []).filter(asked);
  const shown = (record: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(plain(section, record)).filter(([name]) => knows.includes(name)));
  const found = captured.sections.get(section) ?? new Map<string, JsonObject>();
  expect(new Map([...found].map(([key, record]) => [key, shown(record)]))).toEqual(
    new Map(expected.map((record) => [naturalKey(section, record), shown(canonicalBody(section, record))])),
  );
}

export function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return compareKeys(a, b);
}

/** Without ids, times, secrets and what is empty: what two environments can agree on. */
function plain(section: Section, record: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(record).filter(([name, value]) => {
      const member = memberOf(section, name);
      if (member?.volatile || member?.secret || value === null) return false;
      return !(Array.isArray(value) && value.length === 0);
    }),
  );
}

export function comparable(sections: ReadonlyMap<Section, Records>): Map<Section, Records> {
  return new Map(
    [...sections].map(([section, records]) => [
      section,
      new Map([...records].map(([key, record]) => [key, plain(section, record)])),
    ]),
  );
}

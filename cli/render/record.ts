import type { Section } from '../../contract/sections.ts';
import type { Paint } from '../terminal/paint.ts';
import { recordLabel } from './record-label.ts';
import { visible, visibleJson } from './visible.ts';

export interface ShownRecord {
  readonly section: Section;
  readonly key: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** A record, one member a line. */
export function recordLines({ section, key, record }: ShownRecord, paint: Paint): string[] {
  return [
    paint.bold(recordLabel(section, key)),
    ...Object.entries(record).map(([member, value]) => `  ${visible(member)}: ${valueText(value)}`),
  ];
}

/** A value as it is shown: text in quotation marks, so that an empty one and white space can be seen. */
export function valueText(value: unknown): string {
  return value === undefined ? 'nothing' : visibleJson(value);
}

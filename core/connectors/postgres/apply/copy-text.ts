import { isRawJson } from '../../../model/exact-json.ts';
import type { JsonValue } from '../../../model/record.ts';
import type { Column } from '../layout.ts';

/** COPY's text format (PostgreSQL documentation, COPY): null, and what ends a cell and a row. */
export const NULL_CELL = '\\N';
export const CELL_END = '\t';
export const ROW_END = '\n';

const ESCAPED = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A text as a cell of COPY's text format. */
export function cell(text: string): string {
  return ESCAPED.test(text) ? text.replace(/[\\\t\n\r]/g, (char) => ESCAPES[char]!) : text;
}

/** Makes the text of a value, not escaped yet; undefined: only the server knows how to write it. */
export type ValueText = (value: NonNullable<JsonValue>) => string | undefined;

/**
 * How a JSON value is written to a column, so that `to_jsonb` of it gives the value again.
 *
 * @param jsonAsText a column that holds JSON whether its type is `jsonb` or `text`
 */
export function valueText(column: Column, jsonAsText: boolean): ValueText {
  const { type } = column;
  if (type === 'json' || type === 'jsonb') return (value) => JSON.stringify(value);
  if (jsonAsText) return jsonText;
  if (type.endsWith('[]')) {
    const element = type.slice(0, -2);
    const isJson = element === 'json' || element === 'jsonb';
    return (value) => (Array.isArray(value) ? arrayText(value, isJson) : scalarText(value));
  }
  return scalarText;
}

function scalarText(value: NonNullable<JsonValue>): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  return isRawJson(value) ? JSON.stringify(value) : undefined;
}

/** A text that is no JSON stands as it is in such a column, and is read so; one that is would be read as what it says. */
function jsonText(value: NonNullable<JsonValue>): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}

/** An array literal (PostgreSQL documentation, Arrays, "Array Input"). */
function arrayText(values: readonly JsonValue[], isJson: boolean): string | undefined {
  const elements: string[] = [];
  for (const value of values) {
    const text = elementText(value, isJson);
    if (text === undefined) return undefined;
    elements.push(text);
  }
  return `{${elements.join(',')}}`;
}

function elementText(value: JsonValue, isJson: boolean): string | undefined {
  if (value === null) return 'NULL';
  if (Array.isArray(value) && !isJson) return arrayText(value, isJson);
  const text = isJson ? JSON.stringify(value) : scalarText(value);
  return text === undefined ? undefined : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

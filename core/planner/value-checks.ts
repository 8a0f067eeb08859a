import { isRawJson } from '../model/exact-json.ts';
import { memberOf } from '../model/members.ts';
import type { JsonObject, JsonValue } from '../model/record.ts';
import type { PlanItem } from './plan.ts';
import type { SectionPlan } from './section-plan.ts';

/** Why the target could not hold what is to be written. */
export interface ValueProblem {
  readonly reason: Extract<PlanItem['reason'], 'value-missing' | 'value-refused'>;
  /** `value-missing`: the members, with commas. `value-refused`: what is wrong with which, as a clause. */
  readonly other: string;
}

/**
 * Looks through what is to be written for what the route says it cannot take: members that are missing (or, in an
 * update, emptied), texts that are too long, the character NUL.
 *
 * @param line the source's canonical line. Whatever is too long or holds a NUL in `write` came from there, so most
 *   records need not be looked through: a line has more bytes than any text in it has characters.
 */
export function valueProblem(
  plan: SectionPlan,
  line: Buffer,
  write: JsonObject,
  writing: 'creation' | 'by-mapping' | 'update',
): ValueProblem | undefined {
  return missing(plan, write, writing) ?? tooLong(plan, line, write) ?? withNul(plan, line, write);
}

function missing(
  { route }: SectionPlan,
  write: JsonObject,
  writing: 'creation' | 'by-mapping' | 'update',
): ValueProblem | undefined {
  const { requiredMembers } = route;
  if (!requiredMembers) return undefined;
  const lacks = (name: string): boolean =>
    write[name] === null || (writing === 'creation' && write[name] === undefined);
  if (!requiredMembers.some(lacks)) return undefined;
  return { reason: 'value-missing', other: requiredMembers.filter(lacks).join(', ') };
}

function tooLong(plan: SectionPlan, line: Buffer, write: JsonObject): ValueProblem | undefined {
  if (line.length <= plan.smallestLimit) return undefined;
  for (const [name, limit] of Object.entries(plan.route.textLimits ?? {})) {
    const value = write[name];
    if (typeof value !== 'string' || value.length <= limit || codePoints(value) <= limit) continue;
    return {
      reason: 'value-refused',
      other: `“${name}” is longer than ${limit.toLocaleString('en-US')} characters`,
    };
  }
  return undefined;
}

/** As PostgreSQL counts: a surrogate pair is one character. */
function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    const pair = (text.charCodeAt(i - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(i) & 0xfc00) === 0xdc00;
    if (pair) count--;
  }
  return count;
}

const ESCAPED_NUL = Buffer.from('\\u0000');

function withNul(plan: SectionPlan, line: Buffer, write: JsonObject): ValueProblem | undefined {
  // An escaped backslash before "u0000" looks the same: the values tell.
  if (!plan.capabilities.refusesNul || !line.includes(ESCAPED_NUL)) return undefined;
  const found = Object.keys(write).find((name) => name.includes('\0') || holdsNul(write[name]!));
  if (found === undefined) return undefined;
  const where = memberOf(plan.section, found) ? `“${found}”` : `“${found.replaceAll('\0', '�')}”`;
  return { reason: 'value-refused', other: `${where} holds the character NUL` };
}

function holdsNul(value: JsonValue): boolean {
  if (typeof value === 'string') return value.includes('\0');
  if (typeof value !== 'object' || value === null || isRawJson(value)) return false;
  if (Array.isArray(value)) return value.some(holdsNul);
  return Object.entries(value).some(([name, inner]) => name.includes('\0') || holdsNul(inner));
}

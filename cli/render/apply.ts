import type { ApplyResult, SectionOutcome } from '../../contract/job.ts';
import { SECTIONS } from '../../contract/sections.ts';
import type { Telling } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { counted, integer } from './numbers.ts';
import { recordLabel } from './record-label.ts';
import { table, type Cell } from './table.ts';
import { quoted, visible, visibleLines } from './visible.ts';

/**
 * What an apply came to: verified or not, counts, deviations, what a person must do, and the way back.
 *
 * @param ways.undo the command that undoes it, where that is still to be said
 * @param ways.inReport whether this is the report, which need not name itself
 * @param ways.secretsKept how many new secrets the job keeps, where that is still to be said
 */
export function applyLines(
  job: string,
  result: ApplyResult,
  io: Telling,
  {
    undo,
    secretsKept = 0,
    inReport = false,
  }: { undo: string | undefined; secretsKept?: number; inReport?: boolean },
): string[] {
  const where = `realm ${quoted(result.realm)} on ${quoted(result.environment)}`;
  if (result.status === 'exists') {
    return [
      `${io.paint.green('Already there:')} ${where} was left alone.`,
      ...variableLines(result),
      ...todoLines(result, io.paint),
    ];
  }
  if (result.status === 'nothing-to-do') {
    return [nothingDone(result, where, io.paint), ...variableLines(result), ...todoLines(result, io.paint)];
  }
  return [
    verdict(result, where, io.paint),
    ...countLines(result),
    ...sectionLines(result, io.paint),
    ...variableLines(result),
    ...deviationLines(result, io.paint),
    ...todoLines(result, io.paint),
    ...secretsKeptLines(job, secretsKept, io),
    ...(io.keepsJobs ? safetyLines(result) : []),
    ...(io.keepsJobs && !inReport ? [`Report: ${io.self} job report ${visible(job)}`] : []),
    ...(undo === undefined ? [] : [`To undo this: ${undo}`]),
  ];
}

function nothingDone({ leftOut }: ApplyResult, where: string, paint: Paint): string {
  if (!leftOut) return `${paint.green('Nothing to do:')} ${where} was already as promised.`;
  return `${paint.yellow(`Nothing was written, and ${wereLeftOut(leftOut)}:`)} ${where} was already as promised in everything else.`;
}

function wereLeftOut({ count }: NonNullable<ApplyResult['leftOut']>): string {
  return `${counted(count, 'record')} of the file ${count === 1 ? 'was' : 'were'} left out`;
}

function verdict(result: ApplyResult, where: string, paint: Paint): string {
  const { verified, failures, deviationCount, verificationSnapshot, undid, todo, leftOut } = result;
  if (failures > 0) {
    const missing = `Finished, but ${counted(failures, 'record')} failed${leftOut ? `, and ${wereLeftOut(leftOut)}` : ''}:`;
    const rest = deviationCount === 0 && verificationSnapshot !== null;
    return `${paint.yellow(missing)} ${where}.${rest ? ' Everything else was read again and is as promised.' : ''}`;
  }
  // What the route could not bring back is among what a person must do.
  const within = todo.length === 0 ? '' : ' in all that the plan promised';
  if (verified && undid !== undefined)
    return `${paint.green('Undone and verified:')} ${where}, read again, is as it was before job ${visible(undid)}${within}.`;
  if (verified && leftOut)
    return `${paint.yellow(`Done and verified, but ${wereLeftOut(leftOut)}:`)} ${where}, read again, is as promised in everything else.`;
  if (verified) return `${paint.green('Done and verified:')} ${where}, read again, is as the plan promised.`;
  if (deviationCount === 0)
    return `${paint.yellow('Done, but only verified in part:')} ${where} could not be read again as a whole.`;
  return `${paint.red('Done, but not as promised:')} ${where}`;
}

function countLines({ counts }: ApplyResult): string[] {
  const shown: [string, number][] = [
    ['created', counts.create],
    ['updated', counts.update],
    ['deleted', counts.delete],
    ['unchanged', counts.unchanged],
    ['skipped', counts.skip],
    ['failed', counts.failed],
    ['calls repeated', counts.retries],
  ];
  const rows = shown.filter(([, count]) => count > 0).map(([name, count]) => [name, integer(count)]);
  return table([{ title: '' }, { title: '', align: 'right' }], rows, '  ');
}

const DONE = [
  ['create', 'Created'],
  ['update', 'Updated'],
  ['delete', 'Deleted'],
  ['unchanged', 'Unchanged'],
  ['skip', 'Skipped'],
  ['failed', 'Failed'],
] as const satisfies readonly (readonly [keyof SectionOutcome, string])[];

/** By section, where there is more than one; columns and sections in which there is nothing are left out. */
function sectionLines({ sections = {} }: ApplyResult, paint: Paint): string[] {
  const listed = SECTIONS.flatMap((section) => {
    const counts = sections[section];
    return counts && DONE.some(([name]) => counts[name] > 0) ? [{ section, counts }] : [];
  });
  if (listed.length < 2) return [];
  const columns = DONE.filter(([name]) => listed.some(({ counts }) => counts[name] > 0));
  const cell = (name: keyof SectionOutcome, count: number): Cell => {
    if (count === 0) return '–';
    return name === 'failed' ? { text: integer(count), paint: paint.red } : integer(count);
  };
  return [
    '',
    ...table(
      [{ title: 'Section' }, ...columns.map(([, title]) => ({ title, align: 'right' as const }))],
      listed.map(({ section, counts }) => [section, ...columns.map(([name]) => cell(name, counts[name]))]),
      '  ',
    ),
    '',
  ];
}

/** Names only: what they hold may be secret. */
function variableLines({ variables = [] }: ApplyResult): string[] {
  if (variables.length === 0) return [];
  const names = variables.map((used) => `${visible(used.name)}${used.default ? ' (not set: default)' : ''}`);
  return [`Environment variables: ${names.join(', ')}`];
}

function deviationLines({ deviations, deviationCount }: ApplyResult, paint: Paint): string[] {
  if (deviationCount === 0) return [];
  return [
    `${paint.red('Not as promised')}, in ${counted(deviationCount, 'record')}:`,
    ...deviations.map(
      ({ section, key, kind, members }) =>
        `  ${recordLabel(section, key)}: ${visible(kind)}${members.length === 0 ? '' : ` (${visible(members.join(', '))})`}`,
    ),
    ...(deviationCount > deviations.length
      ? [`  … and ${integer(deviationCount - deviations.length)} more`]
      : []),
  ];
}

function todoLines({ todo }: ApplyResult, paint: Paint): string[] {
  if (todo.length === 0) return [];
  return [
    paint.bold('What a person must do now:'),
    ...todo.map((sentence) => `  – ${visibleLines(sentence)}`),
  ];
}

/** Where the new secrets are: the engine's own sentences name no command. */
export function secretsKeptLines(
  job: string,
  secretsKept: number,
  { self }: Pick<Telling, 'self'>,
): string[] {
  if (secretsKept === 0) return [];
  return [`${counted(secretsKept, 'new secret')} can be shown, once: ${self} job secrets ${visible(job)}`];
}

function safetyLines({ safetySnapshot, realm }: ApplyResult): string[] {
  return [
    safetySnapshot === null
      ? `There was no realm ${quoted(realm)} before.`
      : `Safety snapshot: ${visible(safetySnapshot)}, the realm as it was before.`,
  ];
}

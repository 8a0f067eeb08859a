import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../../contract/errors.ts';
import { scheduleInput, scheduleRun, scheduleUpdate, type ScheduleRun } from '../../../contract/schedule.ts';
import { narrowed } from '../../model/sections.ts';
import { whole } from '../chunks/damage.ts';
import type { DamagedEntry } from '../damaged-entry.ts';
import { withSqliteErrors } from '../database/sqlite-errors.ts';
import type { Seal } from '../seal.ts';
import { damaged, sealedJson, type Place } from '../vault/sealed-json.ts';

/** As many as are of use to a person; the jobs of older ones are in the journal. */
const RUNS_KEPT = 20;

const settings = scheduleInput
  .omit({ onFailure: true })
  .extend({
    command: scheduleInput.shape.onFailure.unwrap().shape.command,
    createdAt: z.iso.datetime(),
  })
  // Also of those that were stored with every section as if that were a choice.
  .transform(({ sections, ...rest }) => {
    const only = narrowed(sections);
    return { ...rest, ...(only && { sections: only }) };
  });
const secrets = z.object({ webhookUrl: z.string().optional() });
const state = z.object({
  paused: z.boolean(),
  /** Every time up to this one was run, was caught up with, or was not wanted. */
  handledUntil: z.iso.datetime(),
  /** The newest first. */
  runs: z.array(scheduleRun),
});

export type NewSchedule = z.output<typeof scheduleInput>;
export type ScheduleChange = z.output<typeof scheduleUpdate>;
export type ScheduleState = z.infer<typeof state>;
export interface Schedule extends z.output<typeof settings>, ScheduleState {
  /** That there is a webhook; where it is, only `webhookOf` tells. */
  readonly webhook: boolean;
}

/** Schedules with their last runs. Every method may throw CATALOG_DAMAGED, CATALOG_LOCKED, DISK_FULL, FILE_FAILED. */
export interface ScheduleStore {
  /** @throws AppError USAGE when the name is taken */
  add(schedule: NewSchedule): Schedule;
  /** @throws AppError NOT_FOUND */
  get(name: string): Schedule;
  /** By name. */
  list(): Schedule[];
  /**
   * Changes what a schedule does or is called, and leaves the rest as it is. Where its times change, those that passed until
   * now are not wanted any more.
   *
   * @throws AppError NOT_FOUND; USAGE when the new name is taken
   */
  update(change: ScheduleChange): Schedule;
  /** @throws AppError NOT_FOUND */
  remove(name: string): void;
  /**
   * Changes how far a schedule has come, in one transaction: whoever is second sees what the first has left, and may
   * leave it so (undefined).
   *
   * @throws AppError NOT_FOUND
   */
  change(name: string, change: (now: Schedule) => Partial<ScheduleState> | undefined): Schedule;
  /** Those that cannot be read as they were stored. */
  damaged(): DamagedEntry[];
  /** For telling about a failure only. @throws AppError NOT_FOUND */
  webhookOf(name: string): string | undefined;
}

type Settings = z.output<typeof settings>;

/** What stands in a row. */
interface Contents {
  readonly settings: Settings;
  readonly secrets: z.output<typeof secrets>;
  readonly state: ScheduleState;
}

interface Row {
  readonly name_hash: string;
  readonly settings: Buffer;
  readonly secrets: Buffer;
  readonly state: Buffer;
}

export function createScheduleStore({
  db,
  seal,
  now = () => new Date(),
}: {
  db: Database;
  seal: Seal;
  now?: (() => Date) | undefined;
}): ScheduleStore {
  const sealed = sealedJson(seal);
  const selectAll = db.prepare<[], Row>('SELECT * FROM schedules');
  const selectOne = db.prepare<[string], Row>('SELECT * FROM schedules WHERE name_hash = ?');
  const insert = db.prepare<Row>(
    'INSERT INTO schedules (name_hash, settings, secrets, state) VALUES (@name_hash, @settings, @secrets, @state)',
  );
  const updateState = db.prepare<[Buffer, string]>('UPDATE schedules SET state = ? WHERE name_hash = ?');
  const deleteOne = db.prepare<[string]>('DELETE FROM schedules WHERE name_hash = ?');
  const inTransaction = <T>(work: () => T): T => withSqliteErrors(() => db.transaction(work).immediate());
  const hashOf = (name: string) => seal.name(Buffer.from(`schedule\0${name.toLowerCase()}`));
  const place = (hash: string, column: string): Place => ['schedules', hash, column];

  const openIn = <T>(row: Row, column: keyof Contents, schema: z.ZodType<T>): T =>
    sealed.open(place(row.name_hash, column), row[column], schema);

  function settingsOf(row: Row): Settings {
    const opened = openIn(row, 'settings', settings);
    if (hashOf(opened.name) !== row.name_hash) throw damaged(place(row.name_hash, 'settings'));
    return opened;
  }

  function scheduleOf(row: Row): Schedule {
    const { webhookUrl } = openIn(row, 'secrets', secrets);
    return { ...settingsOf(row), ...openIn(row, 'state', state), webhook: webhookUrl !== undefined };
  }

  function rowFor(contents: Contents): Row {
    const name_hash = hashOf(contents.settings.name);
    const seal = (column: keyof Contents) => sealed.seal(place(name_hash, column), contents[column]);
    return { name_hash, settings: seal('settings'), secrets: seal('secrets'), state: seal('state') };
  }

  /** What is sealed apart can be whole where the rest is not. */
  function nameFor({ name_hash, settings: sealedSettings }: Row): string {
    const { value } = whole(() => sealed.open(place(name_hash, 'settings'), sealedSettings, settings));
    return value ? `The schedule “${value.name}”` : 'A schedule';
  }

  function rowOf(name: string): Row {
    const row = withSqliteErrors(() => selectOne.get(hashOf(name)));
    if (row) return row;
    throw new AppError('NOT_FOUND', `There is no schedule “${name}”.`, {
      notChanged: 'Nothing was changed.',
      remedy: 'See which there are: drawbridge schedule list.',
    });
  }

  return {
    add({ onFailure: { command, webhookUrl }, ...rest }) {
      const createdAt = now().toISOString();
      return inTransaction(() => {
        if (selectOne.get(hashOf(rest.name)))
          throw taken(rest.name, 'Choose another name, or change that one: drawbridge schedule update.');
        const row = rowFor({
          settings: { ...rest, ...(command && { command }), createdAt },
          secrets: secretsWith({ webhookUrl }),
          state: { paused: false, handledUntil: createdAt, runs: [] },
        });
        insert.run(row);
        return scheduleOf(row);
      });
    },
    update: (change) =>
      inTransaction(() => {
        const row = rowOf(change.name);
        const old = settingsOf(row);
        const next = changedSettings(old, change);
        const hasOtherTimes = next.cron !== old.cron || next.timeZone !== old.timeZone;
        const stateBefore = openIn(row, 'state', state);
        const changed = rowFor({
          settings: next,
          secrets: change.webhookUrl === undefined ? openIn(row, 'secrets', secrets) : secretsWith(change),
          state: hasOtherTimes ? { ...stateBefore, handledUntil: now().toISOString() } : stateBefore,
        });
        if (changed.name_hash !== row.name_hash && selectOne.get(changed.name_hash))
          throw taken(next.name, 'Choose another name.');
        // What is sealed is bound to the name: under another one it is another row.
        deleteOne.run(row.name_hash);
        insert.run(changed);
        return scheduleOf(changed);
      }),
    get: (name) => scheduleOf(rowOf(name)),
    list: () =>
      withSqliteErrors(() => selectAll.all().map(scheduleOf)).sort((a, b) => (a.name < b.name ? -1 : 1)),
    remove(name) {
      inTransaction(() => deleteOne.run(rowOf(name).name_hash));
    },
    change: (name, change) =>
      inTransaction(() => {
        const row = rowOf(name);
        const before = scheduleOf(row);
        const changed = change(before);
        if (!changed) return before;
        const { paused, handledUntil, runs } = { ...before, ...changed };
        const next: ScheduleState = { paused, handledUntil, runs: kept(runs) };
        updateState.run(sealed.seal(place(row.name_hash, 'state'), next), row.name_hash);
        return { ...before, ...next };
      }),
    damaged: () =>
      withSqliteErrors(() => selectAll.all()).flatMap((row) => {
        const { damage } = whole(() => scheduleOf(row));
        return damage === undefined ? [] : [{ id: row.name_hash, text: `${nameFor(row)}: ${damage}` }];
      }),
    webhookOf(name) {
      const row = rowOf(name);
      return sealed.open(place(row.name_hash, 'secrets'), row.secrets, secrets).webhookUrl;
    },
  };
}

function taken(name: string, remedy: string): AppError {
  return new AppError('USAGE', `There is a schedule “${name}” already.`, {
    notChanged: 'It was not changed.',
    remedy,
    details: { setting: 'name' },
  });
}

function secretsWith({ webhookUrl }: Pick<ScheduleChange, 'webhookUrl'>): Contents['secrets'] {
  return webhookUrl === undefined || webhookUrl === null ? {} : { webhookUrl };
}

/** What is null in the change is taken away. */
function changedSettings(
  old: Settings,
  { name: _name, newName: name, webhookUrl: _url, ...change }: ScheduleChange,
): Settings {
  const given = Object.entries({ ...old, ...definedOf({ name, ...change }) });
  return settings.parse(Object.fromEntries(given.filter(([, value]) => value !== null)));
}

function definedOf(change: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/** The newest, and those that somebody has still to be told of. */
function kept(runs: readonly ScheduleRun[]): ScheduleRun[] {
  return runs.filter(
    (run, at) => at < RUNS_KEPT || (isFailure(run) && !run.acknowledged && at < 5 * RUNS_KEPT),
  );
}

/** Whether a person has to know of it. */
export function isFailure({ state }: Pick<ScheduleRun, 'state'>): boolean {
  return ['succeeded_with_errors', 'failed', 'interrupted'].includes(state);
}

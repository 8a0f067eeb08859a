import { appendFileSync } from 'node:fs';

/** What the fault suites do to a program, and what came of it; in the order in which they are told. */
export const COUNTED = {
  kills: 'kills',
  resumed: 'resumed',
  rolledBack: 'rolled back',
  flips: 'flips',
  truncations: 'truncations',
  hostileInputs: 'hostile inputs',
  processes: 'processes',
  processSeconds: 'processes × s',
} as const;

export type Counted = keyof typeof COUNTED;
export type FaultCounts = Partial<Record<Counted, number>>;

/** One suite's counts, as run.ts reads them; or why it did not run at all. */
export interface ToldCounts {
  readonly suite: string;
  readonly counts: FaultCounts;
  readonly skipped?: string;
}

/** The variable that names the file in which run.ts collects what each suite tells. */
export const COUNTS_FILE = 'DRAWBRIDGE_FAULT_COUNTS';

/** To be called when a suite has ended: what is told here was done. */
export function tellFaults(suite: string, counts: FaultCounts): void {
  tell({ suite, counts });
  const each = Object.entries(counts).map(([name, count]) => `${count} ${COUNTED[name as Counted]}`);
  console.info(`${suite}: ${each.join(', ')}`);
}

/** To be called where a suite cannot be run here: who reads the table must not take it for one that was. */
export function tellSkipped(suite: string, why: string): void {
  tell({ suite, counts: {}, skipped: why });
  console.warn(`${suite}: NOT TRIED, ${why}.`);
}

function tell(told: ToldCounts): void {
  const file = process.env[COUNTS_FILE];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(told)}\n`);
}

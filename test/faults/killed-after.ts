import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { EVERY_CHECKPOINT } from './killing.ts';

/** A program that kills itself after so many transactions (die-after-commits.ts); else prints how many there were. */
type Start = (transactions: number) => readonly [script: string, ...args: readonly string[]];

/**
 * Kills a program after one transaction after the other, each time begun anew, until it comes to its end: after every one where
 * every checkpoint is tried, else after every fifth, the first two and the last ones, since a job begins and ends with
 * transactions of its own.
 *
 * @param look at what is left by the one that was just started
 * @returns how many transactions there are when nobody kills it, and how often it was killed
 */
export async function killedAfterTransactions(
  start: Start,
  look: () => Promise<void>,
): Promise<{ transactions: number; kills: number }> {
  const transactions = await ended(start(Infinity));
  if (transactions === undefined) throw new Error('It was killed before its time.');
  let kills = 0;
  // How many there are may differ by one or two.
  for (let n = 1; n < transactions + 10; n++) {
    if (!EVERY_CHECKPOINT && n > 2 && n < transactions - 1 && n % 5 !== 0) continue;
    if ((await ended(start(n))) !== undefined) return { transactions, kills };
    kills++;
    await look();
  }
  throw new Error(`It should have come to its end after ${transactions} transactions.`);
}

/** @returns what it printed; undefined: it was killed */
async function ended([script, ...args]: ReturnType<Start>): Promise<number | undefined> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
  const printed = await text(child.stdout);
  const [code, signal] = await exit;
  if (signal === 'SIGKILL') return undefined;
  if (code !== 0) throw new Error(`It ended with ${code ?? signal}.`);
  return Number(printed);
}

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { EnvHttpProxyAgent, request } from 'undici';
import type { ScheduleRun } from '../../contract/schedule.ts';
import type { Schedule } from '../catalog/schedules/schedule-store.ts';

/** How long a command or a webhook may take. Milliseconds. */
const COMMAND_LIMIT = 60_000;
const WEBHOOK_LIMIT = 15_000;
/** Of what a command prints: the beginning, as much as a person reads. UTF-16 code units. */
const OUTPUT_KEPT = 2_000;

export interface AlertLimits {
  readonly command?: number;
  readonly webhook?: number;
}

/** What is told of a run that failed: no secret, and nothing of what was read. */
export interface AlertFacts {
  readonly schedule: string;
  readonly environment: string;
  /** Undefined: every realm. */
  readonly realms?: readonly string[];
  readonly state: ScheduleRun['state'];
  readonly due?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly jobs: readonly string[];
  readonly error?: { readonly code: string; readonly message: string };
}

export function alertFacts(schedule: Schedule, run: ScheduleRun): AlertFacts {
  const { due, state, startedAt, finishedAt = startedAt, jobs, error } = run;
  return {
    schedule: schedule.name,
    environment: schedule.environment,
    ...(schedule.realms && { realms: schedule.realms }),
    state,
    ...(due !== undefined && { due }),
    startedAt,
    finishedAt,
    jobs,
    ...(error && { error }),
  };
}

/**
 * Tells by the command and the webhook that a schedule has. What fails in that is told in turn, and never hides the run's
 * own failure.
 *
 * @returns a sentence for each
 */
export async function tellOfFailure(
  { command, webhookUrl }: { command?: Schedule['command']; webhookUrl?: string | undefined },
  facts: AlertFacts,
  limits: AlertLimits = {},
): Promise<string[]> {
  const told: Promise<string>[] = [];
  if (command) told.push(runCommand(command, facts, limits.command ?? COMMAND_LIMIT));
  if (webhookUrl !== undefined) told.push(post(webhookUrl, facts, limits.webhook ?? WEBHOOK_LIMIT));
  return Promise.all(told);
}

/** Without a shell: nothing in the facts can become a command of its own. */
function runCommand(
  { program, args }: NonNullable<Schedule['command']>,
  facts: AlertFacts,
  limit: number,
): Promise<string> {
  return new Promise((resolve) => {
    const notStarted = ({ code, message }: NodeJS.ErrnoException) =>
      resolve(`The command “${program}” could not be started: ${code ?? message}.`);
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      child = spawn(program, args, {
        env: { ...surroundings(), ...asVariables(facts) },
        stdio: ['ignore', 'pipe', 'pipe'],
        windowsHide: true,
        timeout: limit,
        killSignal: 'SIGKILL',
      });
    } catch (error) {
      // Node.js tells some reasons by an event and throws others: on Windows for a batch file, a path through a file, a NUL.
      notStarted(error as NodeJS.ErrnoException);
      return;
    }
    let output = '';
    const keep = (piece: Buffer) => {
      if (output.length < OUTPUT_KEPT) output = (output + piece.toString('utf8')).slice(0, OUTPUT_KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', notStarted);
    // Not `close`: what the command has left running may hold its output open for ever.
    child.on('exit', (code, signal) => {
      child.stdout.destroy();
      child.stderr.destroy();
      const said = output.trim() === '' ? '' : ` It said: ${output.trim()}`;
      if (code === 0) resolve(`The command “${program}” was run.${said}`);
      else resolve(`The command “${program}” ended with ${code ?? signal}.${said}`);
    });
  });
}

/** What a program needs to be found and to run, without what opens the catalog. */
function surroundings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('DRAWBRIDGE_')));
}

function asVariables({ error, realms, jobs, ...facts }: AlertFacts): Record<string, string> {
  return {
    DRAWBRIDGE_SCHEDULE: facts.schedule,
    DRAWBRIDGE_ENVIRONMENT: facts.environment,
    DRAWBRIDGE_REALMS: (realms ?? []).join(' '),
    DRAWBRIDGE_STATE: facts.state,
    DRAWBRIDGE_DUE: facts.due ?? '',
    DRAWBRIDGE_STARTED_AT: facts.startedAt,
    DRAWBRIDGE_FINISHED_AT: facts.finishedAt,
    DRAWBRIDGE_JOBS: jobs.join(' '),
    DRAWBRIDGE_ERROR_CODE: error?.code ?? '',
    // A NUL would end the process that is to be started.
    DRAWBRIDGE_ERROR_MESSAGE: (error?.message ?? '').replaceAll('\u0000', ''),
  };
}

/** Certificates are verified, and no redirect is followed: the address is a secret, and stands in no sentence. */
async function post(url: string, facts: AlertFacts, limit: number): Promise<string> {
  const dispatcher = new EnvHttpProxyAgent({ connect: { timeout: limit }, noProxy: directHosts() });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Drawbridge' },
      body: JSON.stringify({ event: 'schedule-failed', ...facts }),
      signal: AbortSignal.timeout(limit),
    });
    await body.dump({ limit: 65_536 });
    if (statusCode >= 200 && statusCode < 300) return `The webhook was told (${statusCode}).`;
    return `The webhook answered ${statusCode}: it may not have taken the message.`;
  } catch (error) {
    return `The webhook could not be told: ${reasonOf(error)}.`;
  } finally {
    await dispatcher.destroy();
  }
}

/** As for environments, this machine itself is never reached through a proxy. */
function directHosts(): string {
  const given = (process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '').trim();
  return given === '*'
    ? given
    : [given, 'localhost', '127.0.0.1', '::1'].filter((host) => host !== '').join(',');
}

/** The code alone: messages of the network repeat the address. */
function reasonOf(error: unknown): string {
  const { code, name } = error as { code?: string; name?: string };
  if (name === 'TimeoutError') return 'it did not answer in time';
  return code ?? name ?? 'unknown reason';
}

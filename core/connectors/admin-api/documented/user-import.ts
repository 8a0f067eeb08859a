import { AppError, isAppError, throwIfAborted } from '../../../../contract/errors.ts';
import { counted } from '../../../../contract/numbers.ts';
import type { ApplyStep, ItemFailure, StepOutcome } from '../../connector.ts';
import type { ApiClient } from '../api-client.ts';
import type { DocumentedEndpoints } from './endpoints.ts';
import { importCounts, type ImportCounts } from './import-outcome.ts';
import { sendIsolating } from './isolate.ts';
import { delayedAbort } from '../time.ts';
import type { BatchedUser, UserBatch } from './user-batches.ts';

export interface UserImportTools {
  readonly client: ApiClient;
  readonly endpoints: DocumentedEndpoints;
}

/** What the batches of one apply have learned of the server. */
export interface UserImportLessons {
  /** It answers 500 to single records: in later batches a 500 is not waited out, they are taken apart at once. */
  stumblesOverRecords: boolean;
}

/** Milliseconds before a record that the server answered 500 to is sent for the last time. */
const LAST_TRY_AFTER = 1_000;

const count = new Intl.NumberFormat('en-US');

/**
 * One batch of users through `users/import`. Harmless to repeat: users that exist are skipped or, with `mergeUsers`,
 * set to the same once more (OpenGate documentation, Import/Export page, "Import Behaviour").
 */
export function userImportStep(
  tools: UserImportTools,
  realm: string,
  batch: UserBatch,
  lessons: UserImportLessons,
): ApplyStep {
  const { users, action, from } = batch;
  const last = from + users.length - 1;
  const range = users.length === 1 ? count.format(from) : `${count.format(from)}–${count.format(last)}`;
  return {
    label: `${action === 'create' ? 'new' : 'changed'} users ${range}`,
    section: 'users',
    items: [
      ...batch.newRoles.map((key) => ({ section: 'roles' as const, key, action: 'create' as const })),
      ...users.map(({ key }) => ({ section: 'users' as const, key, action })),
    ],
    repeatable: true,
    run: async (signal, before) => {
      const { warnings, ...outcome } = await runImport(tools, realm, batch, lessons, signal);
      // Who existed already may well have been written by the attempt that was broken off: the counts are no news then.
      return before || !warnings ? outcome : { ...outcome, warnings };
    },
  };
}

async function runImport(
  tools: UserImportTools,
  realm: string,
  batch: UserBatch,
  lessons: UserImportLessons,
  signal: AbortSignal,
): Promise<StepOutcome> {
  throwIfAborted(signal);
  const { client, endpoints } = tools;
  const merge = batch.action === 'update';
  const grace = delayedAbort(signal, client.timeouts.cancelGraceMs);
  const answers: ImportCounts[] = [];
  let retries = 0;
  try {
    const { refused, stumbled } = await sendIsolating(batch.users, {
      stumblesBefore: lessons.stumblesOverRecords,
      pause: () => client.time.sleep(LAST_TRY_AFTER, signal),
      async send(part, patient) {
        throwIfAborted(signal);
        const answer = await client.json({
          method: 'POST',
          url: endpoints.importUsers(realm, merge),
          body: bodyOf(part),
          purpose: {
            to: `import ${counted(part.length, 'user')} into realm “${realm}”`,
            notChanged: 'None of these users was written.',
            realm,
          },
          repeatable: true,
          serverErrors: patient ? 'retry' : 'throw',
          signal: grace.signal,
          onRetry: () => retries++,
        });
        answers.push(importCounts(answer));
      },
    });
    const failures = refused.map(({ item, reason }) => failureOf(item, reason));
    if (stumbled && failures.length > 0) lessons.stumblesOverRecords = true;
    const undisturbed = retries === 0 && refused.length === 0 && !stumbled;
    return { failures, retries, ...(undisturbed ? warningsOf(batch, answers) : {}) };
  } catch (error) {
    throw isAppError(error) && answers.length > 0 ? partlyWritten(error) : error;
  } finally {
    grace.dispose();
  }
}

/** The parts of a batch that was refused as a whole are sent one by one: what stops the third comes after two. */
function partlyWritten(error: AppError): AppError {
  return new AppError(error.code, `${error.message} A part of this batch had been written before.`, {
    remedy: error.remedy,
    details: { ...error.details, outcome: 'unknown' },
    cause: error.cause,
  });
}

function bodyOf(users: readonly BatchedUser[]): Buffer {
  return Buffer.from(`{"users":[${users.map((user) => user.json).join(',')}]}`);
}

function failureOf(user: BatchedUser, reason: string): ItemFailure {
  return { section: 'users', key: user.key, reason };
}

/**
 * What the server's counts say about a batch that went through at once; the server does not say which users it means.
 * After a repetition, counts tell of the earlier attempt as well, and are no news.
 */
function warningsOf(batch: UserBatch, answers: readonly ImportCounts[]): Pick<StepOutcome, 'warnings'> {
  const sum = (name: keyof ImportCounts) => answers.reduce((total, counts) => total + (counts[name] ?? 0), 0);
  const unexpected =
    batch.action === 'create'
      ? countText(sum('skipped'), batch, 'existed already and were left as they are')
      : countText(sum('created'), batch, 'no longer existed and were created anew');
  return unexpected === undefined ? {} : { warnings: [unexpected] };
}

function countText(found: number, batch: UserBatch, what: string): string | undefined {
  if (found === 0) return undefined;
  const first = batch.users[0]!.key;
  return `${found} of ${batch.users.length} users, from “${first}” on, ${what}; the server does not say which.`;
}

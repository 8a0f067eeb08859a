import { AppError, isAppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type {
  ApplyItem,
  ApplyStep,
  ApplyTarget,
  BegunBefore,
  ItemFailure,
  RouteCapabilities,
  StepOutcome,
} from '../../connector.ts';
import { concurrencyOf } from '../settings.ts';
import { delayedAbort } from '../time.ts';
import { severalAtOnce } from './several-at-once.ts';
import { Calls, endsTheWork } from './calls.ts';
import { ClientIssuer } from './issue-client.ts';
import { RELEASED_ROUTE } from './route.ts';
import { ReleasedTarget } from './target.ts';
import type { ReleasedTools } from './tools.ts';
import { createRole } from './write-role.ts';
import { NotWritten } from './write-once.ts';
import { writeRealm } from './write-realm.ts';
import { writeUser } from './write-user.ts';

/**
 * What a client is given by the server is journalled as soon as it is known: its secret cannot be read again.
 */
const CLIENTS_A_STEP = 1;
/**
 * For each call at a time. Few enough that a cancel, a journal entry and a look at the progress are never far away; more
 * than a few, because each step waits for the slowest of its calls, which is one that is repeated.
 */
const ITEMS_A_STEP = 25;

const count = new Intl.NumberFormat('en-US');

/**
 * The steps of an apply, one resource at a time. Each record is looked at before it is written, but for new users, whom
 * the server itself refuses where they are there; and after an answer that says nothing (a bare 500, a lost connection) it
 * is looked at again: none is written twice, and what fails for one is that one's failure.
 *
 * In memory at once: one step's items, and the realm's roles.
 *
 * @param route what is to be had of it: less without a gateway
 * @throws AppError UNSUPPORTED_BY_ROUTE for an item that the route does not offer: the planner's defect
 */
export async function* applyReleased(
  tools: ReleasedTools,
  target: ApplyTarget,
  items: AsyncIterable<readonly ApplyItem[]>,
  route: RouteCapabilities = RELEASED_ROUTE,
): AsyncGenerator<ApplyStep> {
  const realm = new ReleasedTarget(tools, target.realm);
  const issuer = new ClientIssuer(realm);
  const itemsAStep = ITEMS_A_STEP * concurrencyOf(tools.settings.limits);
  const written: Record<string, number> = {};
  let waiting: ApplyItem[] = [];

  function step(): ApplyStep {
    const batch = waiting;
    waiting = [];
    const kind = kindOf(batch[0]!);
    const from = (written[kind] ?? 0) + 1;
    written[kind] = from + batch.length - 1;
    return stepOf({ realm, issuer, mode: target.mode }, batch, { kind, from });
  }

  for await (const batch of items)
    for (const item of batch) {
      refuseUnsupported(route, item);
      const full = waiting.length >= (item.section === 'clients' ? CLIENTS_A_STEP : itemsAStep);
      if (waiting.length > 0 && (full || kindOf(waiting[0]!) !== kindOf(item))) yield step();
      waiting.push(item);
    }
  if (waiting.length > 0) yield step();
}

function kindOf({ section, action }: ApplyItem): string {
  return action === 'delete' ? `deletion of ${section}` : section;
}

interface Applying {
  readonly realm: ReleasedTarget;
  readonly issuer: ClientIssuer;
  readonly mode: ApplyTarget['mode'];
  /** An attempt at this step that was broken off. */
  readonly before?: BegunBefore | undefined;
}

function stepOf(
  applying: Applying,
  items: readonly ApplyItem[],
  { kind, from }: { readonly kind: string; readonly from: number },
): ApplyStep {
  const { section, action } = items[0]!;
  const last = from + items.length - 1;
  const range = from === last ? count.format(from) : `${count.format(from)}–${count.format(last)}`;
  const verb = action === 'delete' ? 'remove' : applying.mode;
  return {
    label: section === 'realm' ? `${verb} realm ${applying.realm.realm}` : `${kind} ${range}`,
    section,
    items: items.map(({ section, key, action }) => ({ section, key, action })),
    repeatable: section !== 'clients',
    run: async (signal, before) => await run({ ...applying, before }, items, signal),
  };
}

async function run(
  { realm: target, issuer, mode, before }: Applying,
  items: readonly ApplyItem[],
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { client, settings } = target.tools;
  const grace = delayedAbort(signal, client.timeouts.cancelGraceMs);
  const { section } = items[0]!;
  const isIssuing = section === 'clients';
  const concurrency = isIssuing ? 1 : concurrencyOf(settings.limits);
  const failures: ItemFailure[] = [];
  let retries = 0;
  let done = 0;

  async function work(item: ApplyItem): Promise<void> {
    const calls = new Calls(client, signal, grace.signal);
    calls.throwIfCanceled();
    try {
      if (isIssuing) await issuer.create(calls, item, before);
      else await write(target, calls, { mode, wasBegun: before !== undefined }, item);
    } catch (error) {
      failures.push({ section: item.section, key: item.key, reason: reasonFor(item, error) });
    } finally {
      retries += calls.retries;
    }
    done++;
  }

  try {
    await severalAtOnce(items, concurrency, work);
    if (isIssuing) await issuer.finish(new Calls(client, signal, grace.signal));
  } catch (error) {
    throw error instanceof AppError && section !== 'realm' ? brokenOff(error, done, items.length) : error;
  } finally {
    grace.dispose();
    // What was created is to be found by those who come next.
    if (section === 'roles') target.forgetRoles();
  }
  return {
    failures,
    retries,
    ...(isIssuing ? issuer.take() : {}),
  };
}

/** @throws what is no failure of this one record */
function reasonFor({ section }: ApplyItem, error: unknown): string {
  if (error instanceof NotWritten) return error.message;
  // All else belongs to the realm.
  if (section === 'realm' || !isAppError(error) || endsTheWork(error)) throw error;
  return error.message;
}

async function write(
  target: ReleasedTarget,
  calls: Calls,
  how: { readonly mode: ApplyTarget['mode']; readonly wasBegun: boolean },
  item: ApplyItem,
): Promise<void> {
  if (item.section === 'realm') await writeRealm(target, calls, how, item);
  else if (item.section === 'roles') await createRole(target, calls, item);
  else await writeUser(target, calls, item, how.wasBegun);
}

function brokenOff(error: AppError, done: number, of: number): AppError {
  const part = done === 0 ? 'None' : count.format(done);
  return new AppError(
    error.code,
    `${error.message} ${part} of the ${count.format(of)} records of this step had been dealt with for certain.`,
    {
      remedy: error.remedy,
      details: { ...error.details, outcome: 'unknown' },
      cause: error.cause,
    },
  );
}

function refuseUnsupported({ sections }: RouteCapabilities, { section, action, key }: ApplyItem): void {
  const offered = sections[section];
  const offers = {
    create: offered.create === 'yes' || offered.createUnderNewKey !== undefined,
    update: offered.updateMembers.length > 0,
    delete: offered.delete,
  };
  if (offers[action]) return;
  throw new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `The API of OpenGate v1.1.0 cannot ${action} “${displayKey(key)}” of ${section}.`,
    {
      notChanged: 'Nothing more was written.',
      remedy: 'Leave it out of the plan, or use the PostgreSQL channel.',
      details: { section, key, action },
    },
  );
}

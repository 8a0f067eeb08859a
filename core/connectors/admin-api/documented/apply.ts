import { AppError, isAppError, throwIfAborted } from '../../../../contract/errors.ts';
import type { JsonObject } from '../../../model/record.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, StepOutcome } from '../../connector.ts';
import type { CaptureTools } from './capture.ts';
import { DOCUMENTED_ROUTE } from './route.ts';
import { REALM_SETTINGS } from '../realm-settings.ts';
import { realmImportStep } from './realm-import.ts';
import { realmRemovalStep } from './realm-removal.ts';
import { outcomeOf } from '../retry.ts';
import { delayedAbort } from '../time.ts';
import { UserBatcher, type UserAction, type UserBatch } from './user-batches.ts';
import { userImportStep, type UserImportLessons } from './user-import.ts';

/**
 * The steps of an apply over the documented API.
 *
 * - `create`, `overwrite`: the realm with its roles and clients in one import, then the users in batches. What is only
 *   in the target goes with the old realm: `delete` items need no call of their own.
 * - `remove`: the realm's deletion over the Realms API, with all that goes with it.
 * - `merge`: the realm's settings over the Realms API, then users in batches, new ones and changed ones apart. A new
 *   role has no call of its own either: it stands among the items of the first batch with a user that carries it, and
 *   one that no user carries ends in a step that reports it as failed.
 *
 * In memory at once: realm, roles and clients of a new realm (one call takes them), and one batch of users per action.
 *
 * @throws AppError UNSUPPORTED_BY_ROUTE for an item that `DOCUMENTED_ROUTE` does not offer: the planner's defect
 */
export async function* applyDocumented(
  tools: CaptureTools & { readonly batchSize: number },
  target: ApplyTarget,
  items: AsyncIterable<readonly ApplyItem[]>,
): AsyncGenerator<ApplyStep> {
  const steps = stepsFor(tools, target);
  for await (const batch of items) for (const item of batch) yield* steps.add(item);
  yield* steps.finish();
}

function stepsFor(tools: CaptureTools & { readonly batchSize: number }, target: ApplyTarget): Steps {
  if (target.mode === 'merge') return new MergeSteps(tools, target);
  return target.mode === 'remove' ? new RemovalSteps(tools, target) : new NewRealmSteps(tools, target);
}

/** Steps that come ready as items come in. */
abstract class Steps {
  protected readonly tools: CaptureTools;
  protected readonly target: ApplyTarget;
  protected readonly users: UserBatcher;
  readonly #lessons: UserImportLessons = { stumblesOverRecords: false };

  constructor(tools: CaptureTools & { readonly batchSize: number }, target: ApplyTarget) {
    this.tools = tools;
    this.target = target;
    this.users = new UserBatcher(tools.batchSize);
  }

  abstract add(item: ApplyItem): Iterable<ApplyStep>;
  abstract finish(): Iterable<ApplyStep>;

  protected *addUser(item: ApplyItem, action: UserAction): Generator<ApplyStep> {
    const full = this.users.add({ ...item, action });
    if (full !== undefined) yield this.#import(full);
  }

  protected *finishUsers(): Generator<ApplyStep> {
    const { batches, rolesLeft } = this.users.finish();
    for (const batch of batches) yield this.#import(batch);
    if (rolesLeft.length > 0) yield orphanRolesStep(rolesLeft);
  }

  #import(batch: UserBatch): ApplyStep {
    return userImportStep(this.tools, this.target.realm, batch, this.#lessons);
  }
}

class NewRealmSteps extends Steps {
  /** Undefined once its step has been handed out. */
  #realm: ApplyItem[] | undefined = [];

  *add(item: ApplyItem): Generator<ApplyStep> {
    if (item.action === 'delete' && this.target.mode === 'overwrite') return;
    if (item.action !== 'create' || !DOCUMENTED_ROUTE.sections[item.section].createWithRealm)
      throw unsupported(item);
    if (item.section === 'users') {
      yield* this.#takeRealm();
      yield* this.addUser(item, item.action);
    } else if (this.#realm !== undefined) this.#realm.push(item);
    else throw new AppError('INTERNAL', `An item of “${item.section}” came after the users.`);
  }

  *finish(): Generator<ApplyStep> {
    yield* this.#takeRealm();
    yield* this.finishUsers();
  }

  *#takeRealm(): Generator<ApplyStep> {
    const items = this.#realm;
    if (items === undefined) return;
    this.#realm = undefined;
    if (!items.some((item) => item.section === 'realm'))
      throw new AppError('INTERNAL', `A plan to ${this.target.mode} a realm has no record of the realm.`);
    yield realmImportStep(this.tools, this.target, items);
  }
}

class MergeSteps extends Steps {
  *add(item: ApplyItem): Generator<ApplyStep> {
    const { section, action } = item;
    if (section === 'users' && action !== 'delete') yield* this.addUser(item, action);
    else if (section === 'roles' && action === 'create') this.users.awaitRole(item.key);
    else if (section === 'realm' && action === 'update')
      yield realmSettingsStep(this.tools, this.target.realm, item);
    else throw unsupported(item);
  }

  *finish(): Generator<ApplyStep> {
    yield* this.finishUsers();
  }
}

class RemovalSteps extends Steps {
  *add(item: ApplyItem): Generator<ApplyStep> {
    if (item.section !== 'realm' || item.action !== 'delete') throw unsupported(item);
    yield realmRemovalStep(this.tools, this.target.realm, item);
  }

  *finish(): Generator<ApplyStep> {
    // The realm goes in one call, with all that is in it.
  }
}

/** Only what changes is sent: the documented example of PUT does the same, so what is left out stays. */
function realmSettingsStep(tools: CaptureTools, realm: string, item: ApplyItem): ApplyStep {
  const settings: JsonObject = {};
  for (const [name, value] of Object.entries(item.body)) {
    if (name === 'name') continue;
    const theirs = REALM_SETTINGS[name];
    if (theirs === undefined) throw unsupported(item, name);
    settings[theirs] = value;
  }
  return {
    label: `settings of realm ${realm}`,
    section: 'realm',
    items: [{ section: 'realm', key: item.key, action: item.action }],
    repeatable: true,
    run: async (signal) => await putSettings(tools, realm, { key: item.key, settings }, signal),
  };
}

async function putSettings(
  tools: CaptureTools,
  realm: string,
  change: { readonly key: string; readonly settings: JsonObject },
  signal: AbortSignal,
): Promise<StepOutcome> {
  throwIfAborted(signal);
  const grace = delayedAbort(signal, tools.client.timeouts.cancelGraceMs);
  let retries = 0;
  try {
    await tools.client.json({
      method: 'PUT',
      url: await tools.realms.urlOf(realm, signal),
      body: Buffer.from(JSON.stringify(change.settings)),
      purpose: {
        to: `change the settings of realm “${realm}”`,
        notChanged: 'The settings were not changed.',
        realm,
      },
      repeatable: true,
      signal: grace.signal,
      onRetry: () => retries++,
    });
    return { failures: [], retries };
  } catch (error) {
    if (!isAppError(error, 'REQUEST_REFUSED') || outcomeOf(error) !== 'refused') throw error;
    return { failures: [{ section: 'realm', key: change.key, reason: error.message }], retries };
  } finally {
    grace.dispose();
  }
}

/** Accounts for roles that nothing can create, so that no item of a plan disappears without a word. */
function orphanRolesStep(names: readonly string[]): ApplyStep {
  return {
    label: 'roles that no user carries',
    section: 'roles',
    items: names.map((key) => ({ section: 'roles', key, action: 'create' })),
    repeatable: true,
    run: async (signal) => {
      throwIfAborted(signal);
      return await Promise.resolve({
        failures: names.map((key) => ({
          section: 'roles' as const,
          key,
          reason:
            'Not created: in an existing realm the documented API creates a role only for a user that carries it, and no user that was written does.',
        })),
        retries: 0,
      });
    },
  };
}

function unsupported(item: ApplyItem, member?: string): AppError {
  const what = member === undefined ? '' : `member “${member}” of `;
  return new AppError(
    'UNSUPPORTED_BY_ROUTE',
    `The documented Admin API cannot ${item.action} ${what}“${displayKey(item.key)}” of ${item.section}.`,
    {
      notChanged: 'Nothing more was written.',
      remedy: 'Leave it out of the plan, or use the PostgreSQL channel.',
      details: { section: item.section, key: item.key, action: item.action },
    },
  );
}

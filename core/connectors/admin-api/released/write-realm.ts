import { AppError } from '../../../../contract/errors.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { ApplyItem, ApplyTarget } from '../../connector.ts';
import { REALM_SETTINGS } from '../realm-settings.ts';
import type { Calls } from './calls.ts';
import { changedSince, same, sinceChanged, type ReleasedTarget } from './target.ts';
import { NotWritten, writeOnce, type Found } from './write-once.ts';

/** What the service calls the members of a realm that it takes (OpenGate v1.1.0, CreateRealmRequest). */
const SETTABLE: Readonly<Record<string, string>> = { ...REALM_SETTINGS, loginTheme: 'loginTheme' };

const OUR_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SETTABLE).map(([ours, theirs]) => [theirs, ours]),
);

/**
 * @param how with `wasBegun`, a realm that is there as it would be sent is what an earlier attempt has created
 * @throws NotWritten, AppError; a realm that is not there ends the work, since all else belongs to it
 */
export async function writeRealm(
  target: ReleasedTarget,
  calls: Calls,
  { mode, wasBegun }: { readonly mode: ApplyTarget['mode']; readonly wasBegun: boolean },
  { action, body, was }: ApplyItem,
): Promise<void> {
  if (action === 'update') {
    await updateRealm(target, calls, body, was);
    return;
  }
  try {
    if (action === 'delete' || mode === 'overwrite') await deleteRealm(target, calls);
    if (action === 'create') await createRealm(target, calls, body, wasBegun);
  } catch (error) {
    if (!(error instanceof NotWritten)) throw error;
    throw new AppError('REQUEST_REFUSED', error.message, {
      remedy: 'Look at the server’s log, and at what stands there now; then make a new plan.',
      details: { outcome: 'unknown', realm: target.realm },
    });
  }
}

async function createRealm(
  target: ReleasedTarget,
  calls: Calls,
  body: JsonObject,
  wasBegun: boolean,
): Promise<void> {
  const { realm } = target;
  const sent = serverBody(body);
  const there = await lookFor(target, calls, sent);
  if (there.is === 'done' && wasBegun) return;
  if (there.is !== 'absent')
    throw new AppError('REALM_EXISTS', `A realm “${realm}” is there now.`, {
      notChanged: 'It was left as it is.',
      remedy: 'Make a new plan and look at its preview.',
      details: { outcome: 'refused', realm },
    });
  await writeOnce<void>(calls, {
    notDone: `The realm “${realm}” was not created.`,
    write: async () => {
      const { realms } = target.tools.endpoints;
      await calls.post(realms, {
        to: `create realm “${realm}”`,
        body: { name: realm, ...sent },
        repeatable: true,
      });
    },
    look: async () => await lookFor(target, calls, sent),
  });
}

async function updateRealm(
  target: ReleasedTarget,
  calls: Calls,
  body: JsonObject,
  was: JsonObject | undefined,
): Promise<void> {
  const { realm } = target;
  const set = serverBody(body);
  const there = await target.findRealm(calls);
  if (!there) throw new NotWritten(`There is no realm “${realm}” any more.`);
  if (differing(there, set) === undefined) return;
  const changed = changedSince(there, { was: was && serverBody(was), wished: set }, Object.keys(set));
  if (changed !== undefined) throw new NotWritten(sinceChanged(OUR_NAMES[changed] ?? changed));
  await writeOnce<void>(calls, {
    notDone: 'The settings were not changed.',
    write: async () => {
      const url = target.tools.endpoints.realm(realm);
      const to = `change the settings of realm “${realm}”`;
      // The service demands the name, and leaves alone what is not sent.
      await calls.put(url, { to, body: { name: realm, ...set }, repeatable: true });
    },
    look: async () => {
      const now = await lookFor(target, calls, set);
      return now.is === 'refused' ? { is: 'absent' } : now;
    },
  });
}

async function deleteRealm(target: ReleasedTarget, calls: Calls): Promise<void> {
  const { realm } = target;
  if (!(await target.findRealm(calls))) return;
  await writeOnce<void>(calls, {
    notDone: `The realm “${realm}” was not deleted.`,
    write: async () => {
      const url = target.tools.endpoints.realm(realm);
      await calls.delete(url, { to: `delete realm “${realm}”`, repeatable: true });
    },
    worthLooking: () => true,
    look: async () => ((await target.findRealm(calls)) ? { is: 'absent' } : { is: 'done', value: undefined }),
  });
}

async function lookFor(target: ReleasedTarget, calls: Calls, wished: JsonObject): Promise<Found<void>> {
  const there = await target.findRealm(calls);
  if (!there) return { is: 'absent' };
  const differs = differing(there, wished);
  if (differs === undefined) return { is: 'done', value: undefined };
  return {
    is: 'refused',
    reason: `A realm “${target.realm}” is there, but its “${differs}” is not what was sent.`,
  };
}

function differing(there: JsonObject, wished: JsonObject): string | undefined {
  return Object.keys(wished).find((name) => !same(there[name], wished[name]!));
}

function serverBody(body: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(SETTABLE).flatMap(([ours, theirs]) => {
      const value = body[ours];
      return value === undefined || value === null ? [] : [[theirs, value]];
    }),
  );
}

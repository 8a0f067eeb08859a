import type { AppError } from '../../../../contract/errors.ts';
import type { JsonObject } from '../../../model/record.ts';
import type { ApplyItem } from '../../connector.ts';
import { statusOf } from '../retry.ts';
import { isUncertain, serverCodeOf, type Calls } from './calls.ts';
import { userByEmail, userById, userByName, type FoundUser } from './find-user.ts';
import { giveRoles } from './give-roles.ts';
import { changedSince, holds, object, sinceChanged, textIn, type ReleasedTarget } from './target.ts';
import { NotWritten, writeOnce, type Found } from './write-once.ts';

/** What POST and PUT take besides the name (OpenGate v1.1.0, CreateUserRequest). */
const SETTABLE = ['email', 'firstName', 'lastName', 'enabled'];

/** What the answers tell of a user, their roles aside. */
const SHOWN = [...SETTABLE, 'emailVerified'];

/**
 * @param wasBegun an earlier attempt may have written this very user
 * @throws NotWritten, AppError
 */
export async function writeUser(
  target: ReleasedTarget,
  calls: Calls,
  item: ApplyItem,
  wasBegun: boolean,
): Promise<void> {
  if (item.action === 'create') await createUser(target, calls, item, wasBegun);
  else if (item.action === 'update') await updateUser(target, calls, item);
  else await deleteUser(target, calls, item);
}

interface Made {
  readonly id: string;
  /** By us, just now, so that nobody can have given them a role. */
  readonly isNew: boolean;
}

/**
 * Creating looks for itself: the server refuses a name and an address that are taken, under two unique indexes. So the
 * look comes after a refusal, or an answer that was lost, and nobody is ever written twice.
 */
async function createUser(
  target: ReleasedTarget,
  calls: Calls,
  { key, body }: ApplyItem,
  wasBegun: boolean,
): Promise<void> {
  const { roles, ...rest } = body;
  const email = textOf(rest['email']);
  const url = target.tools.endpoints.newUser(target.realm);
  let mayBeOurs = wasBegun;
  const made = await writeOnce<Made>(calls, {
    notDone: 'The user was not created.',
    write: async () => {
      const { retries } = calls;
      const to = `create user “${key}”`;
      try {
        const answer = object(
          await calls.post(url, { to, body: pick(rest, CREATED), repeatable: true }),
          url,
        );
        return { id: textIn(answer, 'id', url), isNew: true };
      } catch (error) {
        // One that was sent again on the way may have come through the first time.
        mayBeOurs ||= isUncertain(error) || calls.retries > retries;
        throw error;
      }
    },
    worthLooking: (error) => ['USER_EXISTS', 'EMAIL_EXISTS'].includes(serverCodeOf(error) ?? ''),
    // By the address, which one user has: few others contain it, whereas a name may be part of thousands.
    look: async (error) => {
      const there = email === undefined ? undefined : await userByEmail(target, calls, email);
      if (!there)
        return serverCodeOf(error) === 'USER_EXISTS'
          ? { is: 'refused', reason: THERE_OTHERWISE }
          : { is: 'absent' };
      if (there.username !== key) return { is: 'refused', reason: takenBy(there) };
      if (!holds(there.body, rest, SETTABLE)) return { is: 'refused', reason: THERE_OTHERWISE };
      // Nobody can see whose password it has.
      if (rest['password'] !== undefined && !mayBeOurs)
        return { is: 'refused', reason: `${THERE_NOW} Its password was not set.` };
      return { is: 'done', value: { id: there.id, isNew: false } };
    },
    explain: async () => ((await userByName(target, calls, key)) ? THERE_OTHERWISE : undefined),
  });
  await giveRoles(target, calls, { ...made, roles, but: 'The user was created' });
}

const CREATED = ['username', ...SETTABLE, 'password'];
const THERE_NOW = 'A user of this name is there now; there was none when the plan was made.';
const THERE_OTHERWISE = `${THERE_NOW} It has other values, and was left as it is.`;

async function addressTaken(
  target: ReleasedTarget,
  calls: Calls,
  email: string | undefined,
  username: string,
): Promise<{ readonly is: 'refused'; readonly reason: string } | undefined> {
  const owner = email === undefined ? undefined : await userByEmail(target, calls, email);
  if (!owner || owner.username === username) return undefined;
  return { is: 'refused', reason: takenBy(owner) };
}

function takenBy({ username }: FoundUser): string {
  return `The e-mail address belongs to another user of the realm, “${username}”.`;
}

async function updateUser(
  target: ReleasedTarget,
  calls: Calls,
  { key, body, targetId, was }: ApplyItem,
): Promise<void> {
  const { roles, ...rest } = body;
  const there = await lookFor(target, calls, key, targetId);
  if (!there)
    throw new NotWritten(
      'The user is not there any more, or another one has taken the name since the plan was made.',
    );
  if (!holds(there.body, rest, SETTABLE)) await putUser(target, calls, there, { set: rest, was });
  await giveRoles(target, calls, {
    id: there.id,
    isNew: false,
    roles,
    previewed: was?.['roles'],
    but: 'The user’s other values were set',
  });
}

/** Name and address must be sent, and what is not sent stays. */
async function putUser(
  target: ReleasedTarget,
  calls: Calls,
  there: FoundUser,
  { set, was }: { readonly set: JsonObject; readonly was: JsonObject | undefined },
): Promise<void> {
  const { id, username } = there;
  const names = SETTABLE.filter((name) => set[name] !== undefined);
  const changed = changedSince(there.body, { was, wished: set }, names);
  if (changed !== undefined) throw new NotWritten(sinceChanged(changed));
  const url = target.tools.endpoints.user(target.realm, id);
  const email = textOf(set['email']);
  await writeOnce<void>(calls, {
    notDone: 'The user was not changed.',
    write: async () => {
      const body = { username, email: there.body['email'] ?? null, ...pick(set, SETTABLE) };
      await calls.put(url, { to: `change user “${username}”`, body, repeatable: true });
    },
    worthLooking: (error) => statusOf(error) === 404,
    look: async (): Promise<Found<void>> => {
      const now = await userById(target, calls, { id, username });
      if (!now) return { is: 'refused', reason: 'The user is not there any more.' };
      if (holds(now.body, set, SETTABLE)) return { is: 'done', value: undefined };
      const changedNow = changedSince(now.body, { was, wished: set }, names);
      if (changedNow !== undefined) return { is: 'refused', reason: sinceChanged(changedNow) };
      return (await addressTaken(target, calls, email, username)) ?? { is: 'absent' };
    },
  });
}

async function deleteUser(
  target: ReleasedTarget,
  calls: Calls,
  { key, targetId, was }: ApplyItem,
): Promise<void> {
  const there = await lookFor(target, calls, key, targetId);
  if (!there) return;
  const changed = changedSince(there.body, { was }, SHOWN);
  if (changed !== undefined) throw new NotWritten(sinceChanged(changed));
  const { id, username } = there;
  await writeOnce<void>(calls, {
    notDone: 'The user was not deleted.',
    write: async () => {
      const url = target.tools.endpoints.user(target.realm, id);
      await calls.delete(url, { to: `delete user “${username}”`, repeatable: true });
    },
    worthLooking: (error: AppError) => statusOf(error) === 404,
    look: async () =>
      (await userById(target, calls, { id, username })) ? { is: 'absent' } : { is: 'done', value: undefined },
  });
}

async function lookFor(
  target: ReleasedTarget,
  calls: Calls,
  username: string,
  id: string | undefined,
): Promise<FoundUser | undefined> {
  return id === undefined
    ? await userByName(target, calls, username)
    : await userById(target, calls, { id, username });
}

function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = body[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

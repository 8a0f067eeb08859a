import type { JsonValue } from '../../../model/record.ts';
import type { Calls } from './calls.ts';
import { texts, type ListedRole, type ReleasedTarget } from './target.ts';
import { NotWritten, writeOnce } from './write-once.ts';

export interface Given {
  /** The user's. */
  readonly id: string;
  /** Just created: nobody can have given them a role. */
  readonly isNew: boolean;
  /** Names. */
  readonly roles: JsonValue | undefined;
  /** The names of those that the preview showed them to have; undefined: it showed none. */
  readonly previewed?: JsonValue | undefined;
  /** What was done although a role could not be given ("The user was created"). */
  readonly but: string;
}

/**
 * Gives a user the roles that they lack. One that they have is not given again: the server would answer a 500 (OpenGate
 * v1.1.0: unique over user and role, and nobody asks before).
 *
 * @throws NotWritten naming the roles; AppError
 */
export async function giveRoles(target: ReleasedTarget, calls: Calls, given: Given): Promise<void> {
  const names = Array.isArray(given.roles) ? given.roles.filter((name) => typeof name === 'string') : [];
  if (names.length === 0) return;
  const known = await target.rolesNamed(names, calls);
  const has = given.isNew ? new Set<string>() : await mappedRoles(target, calls, given.id);
  const changed = changedRole(
    given,
    new Map([...known.values()].map(({ id, name }) => [id.toLowerCase(), name])),
    has,
  );
  if (changed !== undefined)
    throw new NotWritten(
      `${given.but}, but no roles were given: whether they have “${changed}” is not as the preview showed any more. Make a new plan.`,
    );
  const failed: string[] = [];
  for (const name of names) {
    const role = known.get(name);
    if (!role) failed.push(`“${name}” (there is no such role)`);
    else if (!has.has(role.id.toLowerCase())) {
      try {
        await giveRole(target, calls, given.id, role);
      } catch (error) {
        if (!(error instanceof NotWritten)) throw error;
        failed.push(`“${name}” (${error.message})`);
      }
    }
  }
  if (failed.length > 0) throw new NotWritten(`${given.but}, but could not be given ${failed.join(', ')}.`);
}

/**
 * A role that was given or taken since the preview; what is to be given does not count.
 *
 * @param names by id, in lower case; a mapping to no role of the realm is in no preview
 */
function changedRole(
  { previewed, roles }: Given,
  names: ReadonlyMap<string, string>,
  has: ReadonlySet<string>,
): string | undefined {
  if (!Array.isArray(previewed) || !Array.isArray(roles)) return undefined;
  const now = new Set([...has].flatMap((id) => names.get(id) ?? []));
  const wanted = new Set<unknown>(roles);
  const isGone = (name: unknown) => typeof name === 'string' && !now.has(name);
  const gone = previewed.find(isGone);
  return typeof gone === 'string'
    ? gone
    : [...now].find((name) => !wanted.has(name) && !previewed.includes(name));
}

async function giveRole(target: ReleasedTarget, calls: Calls, user: string, role: ListedRole): Promise<void> {
  const url = target.tools.endpoints.newRoleMapping(target.realm, user, role.id);
  await writeOnce<void>(calls, {
    notDone: 'it was not given.',
    write: async () => {
      await calls.post(url, { to: `give the role “${role.name}”`, repeatable: true });
    },
    look: async () =>
      (await mappedRoles(target, calls, user)).has(role.id.toLowerCase())
        ? { is: 'done', value: undefined }
        : { is: 'absent' },
  });
}

/** Ids, in lower case. */
async function mappedRoles(target: ReleasedTarget, calls: Calls, user: string): Promise<ReadonlySet<string>> {
  const url = target.tools.endpoints.roleMappings(target.realm, user);
  const ids = texts(await calls.get(url, 'look at the roles of a user'), url);
  return new Set(ids.map((id) => id.toLowerCase()));
}

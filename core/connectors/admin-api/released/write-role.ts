import type { ApplyItem } from '../../connector.ts';
import { serverCodeOf, type Calls } from './calls.ts';
import { holds, type ReleasedTarget } from './target.ts';
import { NotWritten, writeOnce, type Found } from './write-once.ts';

const SETTABLE = ['description', 'composite'];

/** Roles can be created, and nothing else. @throws NotWritten, AppError */
export async function createRole(
  target: ReleasedTarget,
  calls: Calls,
  { key, body }: ApplyItem,
): Promise<void> {
  const found = await look(target, calls, key, body);
  if (found.is === 'done') return;
  if (found.is === 'refused') throw new NotWritten(found.reason);
  await writeOnce<void>(calls, {
    notDone: 'The role was not created.',
    write: async () => {
      const url = target.tools.endpoints.roles(target.realm);
      await calls.post(url, { to: `create role “${key}”`, body, repeatable: true });
    },
    worthLooking: (error) => serverCodeOf(error) === 'ROLE_EXISTS',
    look: async () => {
      target.forgetRoles();
      return await look(target, calls, key, body);
    },
  });
}

async function look(
  target: ReleasedTarget,
  calls: Calls,
  name: string,
  body: ApplyItem['body'],
): Promise<Found<void>> {
  const there = (await target.roles(calls)).get(name);
  if (!there) return { is: 'absent' };
  if (holds(there.body, { composite: false, ...body }, SETTABLE)) return { is: 'done', value: undefined };
  return {
    is: 'refused',
    reason:
      'A role of this name is there now; there was none when the plan was made. It is another one, and roles cannot be changed over this channel.',
  };
}

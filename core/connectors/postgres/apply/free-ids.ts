import type { Session } from '../session.ts';
import { isServerState } from './apply-errors.ts';

const SAVEPOINT = 'drawbridge';

/**
 * Inserts rows with ids of their own, unless one of these is taken: then nothing is inserted.
 *
 * @returns whether all were free
 */
export async function insertedWithOwnIds(session: Session, insert: () => Promise<void>): Promise<boolean> {
  return await unlessTaken(session, async () => {
    await session.query(`SAVEPOINT ${SAVEPOINT}`);
    await insert();
    await session.query(`RELEASE SAVEPOINT ${SAVEPOINT}`);
  });
}

/** As `insertedWithOwnIds`, where the insertion sets and releases a savepoint of the name given to it. */
export async function unlessTaken(
  session: Session,
  insert: (savepoint: string) => Promise<void>,
): Promise<boolean> {
  try {
    await insert(SAVEPOINT);
    return true;
  } catch (error) {
    if (!isServerState(error, '23505')) throw error;
    await session.query(`ROLLBACK TO SAVEPOINT ${SAVEPOINT}`);
    return false;
  }
}

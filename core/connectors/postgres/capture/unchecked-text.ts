import type { ServiceLayout } from '../layout.ts';
import type { Session } from '../session.ts';

/**
 * Lets a database of encoding SQL_ASCII send its texts as they are, whose bytes nobody has ever checked. Asked for UTF-8 it
 * would refuse those that are none, and not say which. Databases of other encodings convert.
 *
 * @param services that lie in the session's database
 * @returns what undoes it
 */
export async function uncheckedText(
  session: Session,
  services: readonly ServiceLayout[],
): Promise<() => Promise<void>> {
  if (services[0]?.encoding !== 'SQL_ASCII') return () => Promise.resolve();
  await session.query(`SET LOCAL client_encoding = 'SQL_ASCII'`);
  return async () => void (await session.query(`SET LOCAL client_encoding = 'UTF8'`));
}

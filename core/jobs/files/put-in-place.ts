import { existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';

/**
 * Gives a file that was written whole its name. It takes the place of another only on request, also where both are
 * written at the same moment.
 *
 * @throws what the file system says; EEXIST where the name is taken
 */
export async function putInPlace(
  unfinished: string,
  path: string,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  await (replace ? rename(unfinished, path) : putInFreePlace(unfinished, path));
}

async function putInFreePlace(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    // FAT and some network file systems know no links: there a look has to do.
    if (existsSync(path)) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
    await rename(unfinished, path);
    return;
  }
  await rm(unfinished);
}

const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

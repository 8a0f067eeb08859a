import type { Command } from 'commander';
import type { Kept } from '../core/engine/index.ts';
import { catalogPlace } from './catalog-place.ts';
import type { GlobalOptions, Surroundings } from './io.ts';

/** Options that name what is written; all others with a file name what is read. */
const OUTPUTS: ReadonlySet<string> = new Set(['out', 'junit']);

/** Variables that name files with keys. */
const KEY_FILES = [
  'DRAWBRIDGE_PASSPHRASE_FILE',
  'DRAWBRIDGE_NEW_PASSPHRASE_FILE',
  'DRAWBRIDGE_RECOVERY_KEY_FILE',
];

/**
 * What a file that a command writes must not be: the catalog's own, whether this command uses it or not, and files that the
 * command reads.
 *
 * @param inputs files among its arguments
 */
export function keptFiles(
  command: Command,
  { env }: Pick<Surroundings, 'env'>,
  inputs: readonly string[] = [],
): Kept {
  const given = command.opts<Record<string, unknown>>();
  const named = command.options
    .filter((option) => option.flags.includes('<file>') && !OUTPUTS.has(option.attributeName()))
    .map((option) => given[option.attributeName()]);
  const keys = KEY_FILES.map((variable) => env[variable]);
  return {
    catalogDir: catalogPlace(command.optsWithGlobals<GlobalOptions>().catalog, env),
    inputs: [...inputs, ...named, ...keys].filter(
      (path): path is string => typeof path === 'string' && path !== '',
    ),
  };
}

/** Before anything is done. @throws AppError USAGE */
export async function refuseKeptFile(path: string, kept: Kept): Promise<void> {
  const { refuseKept } = await import('../core/engine/index.ts');
  refuseKept(path, kept);
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of this program, as its package says: the nearest one above this file, which may have been built into another. */
export function version(): string {
  const { version } = JSON.parse(readFileSync(packageFile(import.meta.dirname), 'utf8')) as {
    version: string;
  };
  return version;
}

function packageFile(folder: string): string {
  const file = join(folder, 'package.json');
  return existsSync(file) || dirname(folder) === folder ? file : packageFile(dirname(folder));
}

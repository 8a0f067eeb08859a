import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** What the chunks of a catalog are compressed with came with this version. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 6);
}

/**
 * A Node.js that can run the engine, for an Electron whose own cannot: the one that is named in DRAWBRIDGE_NODE, else the one
 * of the checkout, else the first one on the path. Never one of the folder that this was started in, which an entry of the
 * path that is empty or relative would be: that is anybody's.
 *
 * @param own of the checkout, where there is one
 * @throws Error where there is none
 */
export function otherNode(own: string | undefined): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const onPath = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name));
  const found = [process.env['DRAWBRIDGE_NODE'], own, ...onPath].find(
    (file) => file && existsSync(file) && isNewEnough(versionOf(file)),
  );
  if (found === undefined)
    throw new Error(
      'Drawbridge needs Node.js 24.6 or newer here, and there is none: name one in DRAWBRIDGE_NODE.',
    );
  return found;
}

/** What it is started with: as this program was, but for what makes another program of it. */
export function nodeEnvironment(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...env } = process.env;
  return env;
}

function versionOf(node: string): string {
  return spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim() ?? '';
}

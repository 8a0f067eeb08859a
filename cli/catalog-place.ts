import { homedir } from 'node:os';
import { join } from 'node:path';

/** The catalog's folder: what was asked for, or where the platform keeps an application's data. */
export function catalogPlace(
  asked: string | undefined,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  const named = asked ?? env['DRAWBRIDGE_CATALOG'];
  if (named) return named;
  const home = env['HOME'] ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Drawbridge');
  if (platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Drawbridge');
  // The specification says that a relative path in it is to be ignored (XDG Base Directory, "Basics").
  const data = env['XDG_DATA_HOME'];
  return join(data?.startsWith('/') ? data : join(home, '.local', 'share'), 'drawbridge');
}

/** Where this user's preferences are kept; a catalog can be anywhere else. */
export function settingsPlace(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  const home = env['HOME'] ?? homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Preferences', 'Drawbridge');
  if (platform === 'win32')
    return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Drawbridge', 'Preferences');
  const config = env['XDG_CONFIG_HOME'];
  return join(config?.startsWith('/') ? config : join(home, '.config'), 'drawbridge');
}

import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a line of the password file is chosen by. */
export interface Login {
  readonly host: string | undefined;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/**
 * Looks for a password as libpq does (PostgreSQL documentation, 34.16 "The Password File"). pg's own way is not taken: it
 * is about to go, and warns on stderr.
 *
 * @param file undefined: the user's own
 * @returns undefined when there is no such file or line
 */
export async function passwordFromFile(file: string | undefined, login: Login): Promise<string | undefined> {
  const path = file ?? usualPlace();
  try {
    // As libpq: a file that others may read is not taken.
    if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) return undefined;
    return passwordFor(await readFile(path, 'utf8'), login);
  } catch {
    // It is not there, or not for this user: the same as no password, which the server's answer will then name.
    return undefined;
  }
}

/** The first line that fits: `host:port:database:user:password`, `*` for any, `\` before a `:` or `\` that is meant. */
export function passwordFor(text: string, login: Login): string | undefined {
  const hosts = login.host?.startsWith('/') ? [login.host, 'localhost'] : [login.host ?? 'localhost'];
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue;
    const [host, port, database, user, password] = fields(line);
    if (password === undefined || password === '') continue;
    const fits =
      (host === '*' || hosts.includes(host!)) &&
      (port === '*' || port === String(login.port)) &&
      (database === '*' || database === login.database) &&
      (user === '*' || user === login.user);
    if (fits) return password;
  }
  return undefined;
}

function fields(line: string): string[] {
  const found = [''];
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === ':' && found.length < 5) found.push('');
    else found[found.length - 1] += character === '\\' && at + 1 < line.length ? line[++at]! : character;
  }
  return found;
}

function usualPlace(): string {
  return process.platform === 'win32'
    ? join(process.env['APPDATA'] ?? homedir(), 'postgresql', 'pgpass.conf')
    : join(homedir(), '.pgpass');
}

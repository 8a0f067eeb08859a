/** What an address of PostgreSQL has in it that the command line must know; everything else is the engine's to judge. */

const PROTOCOL = /^postgres(?:ql)?:\/\//i;
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const;

type FileParameter = (typeof FILES)[number];

export function isPostgresUrl(text: string): boolean {
  return PROTOCOL.test(text);
}

/** Whether a password stands in the user part or among the parameters. Text that is no such address has none. */
export function hasPassword(text: string): boolean {
  if (!isPostgresUrl(text)) return false;
  const rest = text.replace(PROTOCOL, '');
  // Up to the last “@”: a password may hold characters that should have been encoded, and is one all the same.
  const userPart = rest.slice(0, Math.max(rest.lastIndexOf('@'), 0));
  return /^[^:]*:./s.test(userPart) || /[?&]password=./.test(rest);
}

/**
 * Takes the names of certificate files out of an address. The other parameters stay as they were written.
 *
 * @returns no file for `sslrootcert=system`, which is none
 */
export function takeFiles(url: string): {
  readonly url: string;
  readonly files: Partial<Readonly<Record<FileParameter, string>>>;
} {
  const at = url.indexOf('?');
  if (at < 0) return { url, files: {} };
  const files: Partial<Record<FileParameter, string>> = {};
  const kept = url
    .slice(at + 1)
    .split('&')
    .filter((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      if (!isFileParameter(name) || value === '' || value === 'system') return true;
      files[name] = decoded(value);
      return false;
    });
  return { url: url.slice(0, at) + (kept.length === 0 ? '' : `?${kept.join('&')}`), files };
}

function isFileParameter(name: string): name is FileParameter {
  return (FILES as readonly string[]).includes(name);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // A lone “%” is no encoding: then the name is meant as it stands.
    return value;
  }
}

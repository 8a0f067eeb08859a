import { AppError } from '../../contract/errors.ts';

/**
 * Whether a text is an address as libpq has it beside its URLs: `host=db.example port=5432 user=opengate` (PostgreSQL
 * documentation, 34.1.1.1 "Keyword/Value Connection Strings"). A database's name has no equals sign after a first word.
 */
export function isConnectionString(text: string): boolean {
  return /^\s*[a-z_]+\s*=/.test(text) && !text.includes('://');
}

/**
 * The same as a URL, the one form in which addresses are kept. What its parts mean, and whether they can be used, is the
 * engine's to judge.
 *
 * @throws AppError USAGE, which repeats nothing that could be a part of the password
 */
export function asUrl(text: string): string {
  const { host, port, user, password, dbname, ...others } = keywords(text);
  // The folder of a socket, and several hosts, which the engine refuses, have no place before the path.
  const inAuthority = host !== undefined && /^[\w.-]+$|^[\da-f:]+$/i.test(host);
  const shownHost = !inAuthority ? '' : host.includes(':') ? `[${host}]` : host;
  const login =
    user === undefined && password === undefined
      ? ''
      : `${encodeURIComponent(user ?? '')}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@`;
  const parameters = { ...(!inAuthority && host !== undefined && { host }), ...others };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const authority = `${login}${shownHost}${port === undefined ? '' : `:${encodeURIComponent(port)}`}`;
  return `postgres://${authority}/${encodeURIComponent(dbname ?? '')}${query === '' ? '' : `?${query}`}`;
}

const PAIR = /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/suy;

/** As libpq reads them: the last of a name counts, and an empty value says nothing. */
function keywords(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  PAIR.lastIndex = 0;
  const end = text.trimEnd().length;
  while (PAIR.lastIndex < end) {
    const pair = PAIR.exec(text);
    if (!pair) throw malformed();
    const [, name = '', inQuotes, plain = ''] = pair;
    const value = (inQuotes ?? plain).replaceAll(/\\(.)/gs, '$1');
    if (value === '') delete found[name];
    else found[name] = value;
  }
  return found;
}

function malformed(): AppError {
  return new AppError('USAGE', 'The connection string of the PostgreSQL server is not well-formed.', {
    notChanged: 'No environment was added or changed.',
    remedy:
      "It reads host=db.example port=5432 user=opengate, with '…' around values that hold blanks, and \\ before a ' or a \\ in them; or postgres://user@host:5432/.",
  });
}

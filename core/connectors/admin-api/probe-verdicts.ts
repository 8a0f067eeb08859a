import { validityVerdict, type TlsFacts, type Verdict } from '../probe-verdict.ts';
import type { TlsTrust } from './http.ts';
import { METHOD_WORDS, type TokenWay, type Tried } from './token-search.ts';

/** @param seconds how long tokens live; undefined: none is issued, and none is wanted */
export function tokenVerdict(
  way: TokenWay | undefined,
  seconds: number | undefined,
  tried: readonly Tried[],
): Verdict {
  const others = tried.map(({ what, said }) => `${what} ${said}`).join('; ');
  if (way === undefined || seconds === undefined)
    return [
      'finding',
      `No token endpoint was found, and the server answers without a token: it is used without. ${others}. If there is one, give its address with --auth-url.`,
    ];
  const works = `${way.endpoint} issues tokens that live ${seconds} s (${METHOD_WORDS[way.method]})`;
  return ['ok', others === '' ? `${works}.` : `${works}. Before, ${others}.`];
}

export function tokenCheckVerdict(status: number): Verdict {
  if (status === 401 || status === 403) return ['ok', `Without a token the Admin API refuses (${status}).`];
  if (status >= 300 && status < 400)
    return ['ok', `Without a token the Admin API sends elsewhere (${status}).`];
  const answers = `Without a token the Admin API answers ${status} instead of refusing`;
  return [
    'finding',
    status < 300
      ? `${answers}: whoever reaches it may read and change every realm. Close it to the network.`
      : `${answers}: perhaps it does not check tokens at all.`,
  ];
}

export function tlsVerdict(facts: TlsFacts, trust: TlsTrust, now: number): Verdict {
  const spoken = `${facts.protocol}, certificate from ${facts.issuer}`;
  if (!trust.rejectUnauthorized)
    return [
      'finding',
      `${spoken}; verification is switched off: anyone in between can read the client secret.`,
    ];
  return validityVerdict(spoken, facts.validTo, now);
}

export function plainHttpVerdict(origin: string): Verdict {
  const host = new URL(origin).hostname;
  if (host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || host.startsWith('127.'))
    return ['ok', 'Not encrypted, on this computer only.'];
  return ['finding', `${origin} is not encrypted: anyone in between can read the client secret. Use https.`];
}

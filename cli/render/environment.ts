import type { EnvironmentView, ProbeView } from '../../contract/environment.ts';
import type { Io } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { table, type Cell } from './table.ts';
import { quoted, visible } from './visible.ts';

/** One row for each way in; databases that were named by hand below their server. */
export function environmentLines(environments: readonly EnvironmentView[], io: Io): string[] {
  if (environments.length === 0) {
    return [`There are no environments yet. Add one: ${io.self} env add --help`];
  }
  return table(
    [
      { title: 'Name' },
      { title: 'Stage' },
      { title: 'Channel' },
      { title: 'Address' },
      { title: 'Login' },
      { title: 'TLS' },
      { title: 'Limits' },
      { title: 'Dialect' },
    ],
    environments.flatMap((environment) => rowsOf(environment, io.paint)),
  );
}

function rowsOf({ name, stage, api, postgres, lastSeen }: EnvironmentView, paint: Paint): Cell[][] {
  const channels = [
    ...(api ? [[...apiRow(api, paint), visible(lastSeen?.api?.dialect ?? '')]] : []),
    ...(postgres ? postgresRows(postgres) : []),
  ];
  const about: Cell[] = [
    { text: name, paint: paint.bold },
    stage === 'production' ? { text: stage, paint: paint.yellow } : stage,
  ];
  return channels.map((row, at) => [...(at === 0 ? about : ['', '']), ...row]);
}

function apiRow(api: NonNullable<EnvironmentView['api']>, paint: Paint): Cell[] {
  return ['Admin API', api.apiUrl, `client ${api.clientId}`, tlsOfApi(api, paint), limitsText(api)];
}

/** "4 at once, 50/s" */
function limitsText({
  limitsInForce: { concurrency, requestsPerSecond },
}: NonNullable<EnvironmentView['api']>) {
  return requestsPerSecond === null
    ? `${concurrency} at once`
    : `${concurrency} at once, ${requestsPerSecond}/s`;
}

/** Everything that is known of one environment, its secrets aside; what was not set says what holds instead. */
export function environmentFacts(environment: EnvironmentView, paint: Paint): string[] {
  const { name, stage, api, postgres, lastSeen, createdAt } = environment;
  const facts: [string, Cell][] = [
    ['Stage', stage === 'production' ? { text: stage, paint: paint.yellow } : stage],
    ['Added', createdAt],
    ...(api ? apiFacts(api, paint) : []),
    ...(postgres ? postgresFacts(postgres) : []),
    ...(lastSeen ? seenFacts(lastSeen) : [['Last seen', 'not connected to yet'] as [string, Cell]]),
  ];
  return [quoted(name), ...table([{ title: '' }, { title: '' }], facts, '  ')];
}

function apiFacts(api: NonNullable<EnvironmentView['api']>, paint: Paint): [string, Cell][] {
  const set = api.limits.concurrency !== undefined || api.limits.requestsPerSecond !== undefined;
  return [
    ['Admin API', api.apiUrl],
    ['  gateway', api.gatewayUrl ?? 'looked for at the Admin API’s address'],
    ['  tokens', api.authUrl ?? `looked for at ${api.gatewayUrl ?? api.apiUrl}`],
    ['  client', api.clientId],
    ['  scopes', api.scopes.length === 0 ? 'what the server gives' : api.scopes.join(' ')],
    ['  TLS', tlsOfApi(api, paint)],
    ['  limits', `${limitsText(api)}${set ? '' : ' (by its stage)'}`],
  ];
}

/** What the last connection found: the next one begins with it. */
function seenFacts({ at, api, token, serverVersion }: NonNullable<EnvironmentView['lastSeen']>) {
  const facts: [string, Cell][] = [['Last seen', at]];
  if (api) {
    const gateway = api.gatewayUrl === undefined ? '' : `, gateway ${api.gatewayUrl}`;
    facts.push(['  dialect', visible(`${api.dialect} at ${api.apiUrl}${gateway}`)]);
  }
  if (token) facts.push(['  tokens', visible(`${token.endpoint} (${METHODS[token.method]})`)]);
  if (serverVersion !== undefined) facts.push(['  version', visible(serverVersion)]);
  return facts;
}

const METHODS = {
  client_secret_post: 'secret in the form',
  client_secret_basic: 'secret as HTTP Basic',
} as const;

function postgresFacts(postgres: NonNullable<EnvironmentView['postgres']>): [string, Cell][] {
  return postgresRows(postgres).flatMap(([what = '', address = '', login = '', tls = '']) => {
    const facts: [string, Cell][] = [[textOf(what).replace('–', ' '), address]];
    if (login !== '') facts.push(['  login', login]);
    if (tls !== '') facts.push(['  TLS', tls]);
    return facts;
  });
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function tlsOfApi(api: NonNullable<EnvironmentView['api']>, paint: Paint): Cell {
  if (api.insecureTls) return { text: 'NOT CHECKED', paint: paint.red };
  if (api.privateCa) return 'own authority';
  return api.apiUrl.startsWith('https:') ? 'checked' : 'none (http)';
}

function postgresRows(postgres: NonNullable<EnvironmentView['postgres']>): Cell[][] {
  const { url, databases, password, passwords, tls } = postgres;
  const facts = [
    tls.mode ?? /[?&]sslmode=([a-z-]+)/.exec(url)?.[1] ?? 'by default',
    tls.privateCa ? 'own authority' : '',
    tls.clientCertificate ? 'client certificate' : '',
  ];
  return [
    [
      'PostgreSQL',
      url,
      password ? 'stored password' : 'as libpq finds it',
      facts.filter((fact) => fact !== '').join(', '),
    ],
    ...Object.entries(databases).map(([service, place]) => [
      `– ${service}`,
      place,
      passwords.some((own) => own === service) ? 'stored password' : '',
    ]),
  ];
}

/** Every step; `quiet`: only what is not well. */
export function probeLines(
  name: string,
  probe: ProbeView,
  { paint, quiet }: Pick<Io, 'paint' | 'quiet'>,
): string[] {
  const shown = quiet ? probe.steps.filter(({ verdict }) => verdict !== 'ok') : probe.steps;
  const steps = table(
    [{ title: '' }, { title: '' }, { title: '' }],
    shown.map((step) => [VERDICTS[step.verdict](paint), step.name, step.text]),
    '  ',
  );
  const facts = [
    probe.dialect && `dialect “${visible(probe.dialect)}”`,
    probe.serverVersion && `version ${visible(probe.serverVersion)}`,
  ];
  const about = facts.filter(Boolean).join(', ');
  return [
    `${quoted(name)} ${probe.usable ? paint.green('can be used') : paint.red('cannot be used')}${about === '' ? '.' : ` (${about}).`}`,
    ...steps,
  ];
}

const VERDICTS: Readonly<Record<ProbeView['steps'][number]['verdict'], (paint: Paint) => Cell>> = {
  ok: (paint) => ({ text: 'ok', paint: paint.green }),
  finding: (paint) => ({ text: 'note', paint: paint.yellow }),
  failed: (paint) => ({ text: 'FAILED', paint: paint.red }),
  skipped: (paint) => ({ text: 'skipped', paint: paint.dim }),
};

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
    ],
    environments.flatMap((environment) => rowsOf(environment, io.paint)),
  );
}

function rowsOf({ name, stage, api, postgres }: EnvironmentView, paint: Paint): Cell[][] {
  const channels = [...(api ? [apiRow(api, paint)] : []), ...(postgres ? postgresRows(postgres) : [])];
  const about: Cell[] = [
    { text: name, paint: paint.bold },
    stage === 'production' ? { text: stage, paint: paint.yellow } : stage,
  ];
  return channels.map((row, at) => [...(at === 0 ? about : ['', '']), ...row]);
}

function apiRow(api: NonNullable<EnvironmentView['api']>, paint: Paint): Cell[] {
  return ['Admin API', api.apiUrl, `client ${api.clientId}`, tlsOfApi(api, paint)];
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

export function probeLines(name: string, probe: ProbeView, paint: Paint): string[] {
  const steps = table(
    [{ title: '' }, { title: '' }, { title: '' }],
    probe.steps.map((step) => [VERDICTS[step.verdict](paint), step.name, step.text]),
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

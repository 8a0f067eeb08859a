import type { EnvironmentView, ProbeView } from '../../contract/environment.ts';
import type { Io } from '../io.ts';
import type { Paint } from '../terminal/paint.ts';
import { table, type Cell } from './table.ts';
import { quoted, visible } from './visible.ts';

export function environmentLines(environments: readonly EnvironmentView[], io: Io): string[] {
  if (environments.length === 0) {
    return [`There are no environments yet. Add one: ${io.self} env add --help`];
  }
  return table(
    [{ title: 'Name' }, { title: 'Stage' }, { title: 'Admin API' }, { title: 'Client' }, { title: 'TLS' }],
    environments.map(({ name, stage, api }) => [
      { text: name, paint: io.paint.bold },
      stage === 'production' ? { text: stage, paint: io.paint.yellow } : stage,
      api?.apiUrl ?? '–',
      api?.clientId ?? '–',
      api ? tls(api, io.paint) : '–',
    ]),
  );
}

function tls(api: NonNullable<EnvironmentView['api']>, paint: Paint): Cell {
  if (api.insecureTls) return { text: 'NOT CHECKED', paint: paint.red };
  if (api.privateCa) return 'own authority';
  return api.apiUrl.startsWith('https:') ? 'checked' : 'none (http)';
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

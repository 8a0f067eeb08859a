import { expect, it } from 'vitest';
import { contract } from '../../contract/contract.ts';
import { onlyReading, READING } from './only-reading.ts';

/** What changes something in the catalog, or hands out what is then forgotten. */
const CHANGING = [
  'catalog.changeSettings',
  'catalog.setPassphrase',
  'catalog.useKeychain',
  'catalog.leaveKeychain',
  'catalog.proposeRecoveryKey',
  'catalog.keepRecoveryKey',
  'environments.add',
  'environments.update',
  'environments.remove',
  'snapshots.tag',
  'snapshots.pin',
  'snapshots.delete',
  'snapshots.restoreFromTrash',
  'jobs.resume',
  'jobs.retry',
  'jobs.forgetSecrets',
  'schedules.add',
  'schedules.update',
  'schedules.remove',
  'schedules.pause',
  'schedules.run',
  'schedules.acknowledge',
];

it('knows of every procedure whether it changes the catalog', () => {
  const all = Object.entries(contract).flatMap(([room, procedures]) =>
    Object.keys(procedures).map((name) => `${room}.${name}`),
  );
  expect(new Set([...READING, ...CHANGING])).toEqual(new Set(all));
  expect(CHANGING.filter((name) => READING.has(name))).toEqual([]);
});

it('lets jobs pass that only read, and no other', () => {
  const call = (name: string, input?: unknown) => () =>
    onlyReading('/media/catalog')({ path: name.split('.'), input, next: () => 'passed' });
  expect(call('jobs.start', { kind: 'verify' })()).toBe('passed');
  expect(call('snapshots.list', {})()).toBe('passed');
  for (const refused of [
    call('jobs.start', { kind: 'backup' }),
    call('jobs.start', { kind: 'apply' }),
    call('snapshots.tag', {}),
    call('of.nobody', {}),
  ])
    expect(refused).toThrow('“/media/catalog” cannot be written');
});

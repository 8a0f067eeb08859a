import { mkdtempSync, openSync, rmSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keychain } from '../catalog/vault/keychain.ts';
import { Preferences } from './preferences.ts';
import { Workspace } from './workspace.ts';

const PASSPHRASE = 'a passphrase of the test';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-workspace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A keychain that keeps nothing, as on a server. */
const none: Keychain = {
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => undefined,
};

function begin(name = 'catalog', keychain = none): Promise<Workspace> {
  return Workspace.begin({
    usualDir: join(folder, name),
    keychain,
    preferences: new Preferences(join(folder, 'windows.json')),
  });
}

describe('a workspace', () => {
  it('is created, locked, and opened by its passphrase or its recovery key, and by nothing else', async () => {
    const workspace = await begin();
    expect(workspace.view).toMatchObject({ state: 'absent', keychain: false });
    await workspace.create({ key: { passphrase: PASSPHRASE } });
    const { recoveryKey } = await workspace.client().catalog.proposeRecoveryKey({
      presentKey: { passphrase: PASSPHRASE },
    });
    await workspace.client().catalog.keepRecoveryKey({ recoveryKey });
    expect(await workspace.lock()).toMatchObject({ state: 'locked', opensWith: ['passphrase', 'recovery'] });
    await expect(workspace.open({ key: { passphrase: 'another' } })).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    expect(workspace.view).toMatchObject({ state: 'locked', error: { code: 'WRONG_KEY' } });
    expect(await workspace.open({ key: { recoveryKey: recoveryKey.toLowerCase() } })).toMatchObject({
      state: 'open',
    });
    await workspace.lock();
    expect(await workspace.open({ key: { passphrase: PASSPHRASE } })).toMatchObject({ state: 'open' });
    await workspace.close();
  });

  it('tells of an open catalog too whether there is a keychain that keeps keys, and asks it only then', async () => {
    const kept = new Map<string, Buffer>();
    let asked = 0;
    const memory: Keychain = {
      get: async (account) => kept.get(account),
      set: async (account, key) => void (kept.set(account, key), (asked += 1)),
      delete: async (account) => void kept.delete(account),
    };
    const first = await begin();
    await first.create({ key: { passphrase: PASSPHRASE } });
    expect(await first.keepsKeys()).toBe(false);
    await first.close();

    const workspace = await begin('catalog', memory);
    await workspace.open({ key: { passphrase: PASSPHRASE } });
    expect(asked).toBe(0);
    expect([await workspace.keepsKeys(), await workspace.keepsKeys()]).toEqual([true, true]);
    expect([asked, kept.size]).toEqual([1, 0]);
    // Whoever has typed the passphrase may have it opened by the keychain from then on.
    await workspace.client().catalog.useKeychain({ presentKey: { passphrase: PASSPHRASE } });
    await workspace.lock();
    expect(await workspace.open({})).toMatchObject({ state: 'open' });
    await workspace.close();
  });

  it('repairs a damaged catalog with the key that is typed, into another folder', async () => {
    const workspace = await begin();
    await workspace.create({ key: { passphrase: PASSPHRASE } });
    const { environments } = workspace.client();
    for (let i = 0; i < 40; i++)
      await environments.add({
        name: `env-${i}`,
        stage: 'development',
        api: { apiUrl: 'https://iam.example', clientId: 'x'.repeat(400), clientSecret: 'secret' },
      });
    await workspace.lock();
    damagePage(join(folder, 'catalog', 'catalog.db'), 2);
    await expect(workspace.open({ key: { passphrase: PASSPHRASE } })).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
    });
    expect(workspace.view).toMatchObject({ state: 'failed', error: { code: 'CATALOG_DAMAGED' } });
    const repair = async (passphrase: string): Promise<unknown[]> => {
      const events: unknown[] = [];
      const input = { dryRun: false };
      for await (const event of await workspace.maintenance({ passphrase }).repair(input)) events.push(event);
      return events;
    };
    await expect(repair('another')).rejects.toMatchObject({ code: 'WRONG_KEY' });
    const to = `${join(folder, 'catalog')}-repaired`;
    expect((await repair(PASSPHRASE)).at(-1)).toMatchObject({ result: { to } });
    await workspace.choose(to);
    expect(await workspace.open({ key: { passphrase: PASSPHRASE } })).toMatchObject({ state: 'open' });
    await workspace.close();
  });
});

/** Overwrites a page of SQLite's file. */
function damagePage(file: string, page: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(4096, 0x5a), 0, 4096, (page - 1) * 4096);
  closeSync(descriptor);
}

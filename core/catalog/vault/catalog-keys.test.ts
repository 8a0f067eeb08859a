import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import type { Catalog } from '../index.ts';
import { PASSPHRASE, TestCatalogs } from '../test-catalog.ts';
import type { Keychain } from './keychain.ts';
import type { KeyQuestion, KeySource } from './unlock.ts';

const catalogs = new TestCatalogs();
afterEach(() => catalogs.clear());

class MemoryKeychain implements Keychain {
  readonly entries = new Map<string, Buffer>();
  async get(account: string): Promise<Buffer | undefined> {
    return this.entries.get(account);
  }
  async set(account: string, secret: Buffer): Promise<void> {
    this.entries.set(account, secret);
  }
  async delete(account: string): Promise<void> {
    this.entries.delete(account);
  }
}

const passphrase = (text: string): KeySource => ({ passphrase: async () => text });
const kinds = ({ keys }: Catalog) => keys.waysIn().map(({ kind }) => kind);
const WRONG = { code: 'WRONG_KEY' };

/** A copy of the catalog, as it would come to another machine. */
function copyOf({ dir }: Catalog): string {
  const copy = join(catalogs.newFolder(), 'catalog');
  cpSync(dir, copy, { recursive: true });
  return copy;
}

function newRecoveryKey({ keys }: Catalog): string {
  const key = keys.proposeRecoveryKey();
  keys.keepRecoveryKey(key);
  return key;
}

describe('a passphrase', () => {
  it('is changed: the new one opens the catalog, the old one does not, a copy still does with the old one', async () => {
    const catalog = await catalogs.open();
    const copy = copyOf(catalog);
    await catalog.keys.setPassphrase('a new one');
    expect(kinds(catalog)).toEqual(['passphrase']);
    await catalogs.open({ dir: catalog.dir, keys: passphrase('a new one') });
    await expect(catalogs.open({ dir: catalog.dir })).rejects.toMatchObject(WRONG);
    await catalogs.open({ dir: copy, keys: passphrase(PASSPHRASE) });
  });

  it('may not be empty: then the old one stays', async () => {
    const catalog = await catalogs.open();
    await expect(catalog.keys.setPassphrase('')).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' });
    await catalogs.open({ dir: catalog.dir });
  });

  it('of a lost one takes the recovery key to set', async () => {
    const catalog = await catalogs.open();
    const key = newRecoveryKey(catalog);
    const again = await catalogs.open({ dir: catalog.dir, keys: { recoveryKey: async () => key } });
    await again.keys.setPassphrase('found again');
    await catalogs.open({ dir: catalog.dir, keys: passphrase('found again') });
  });
});

describe('a recovery key', () => {
  it('opens nothing before it was typed again, and the earlier one does until then', async () => {
    const catalog = await catalogs.open();
    const earlier = newRecoveryKey(catalog);
    const proposed = catalog.keys.proposeRecoveryKey();
    const opens = (key: string) =>
      catalogs.open({ dir: catalog.dir, keys: { recoveryKey: async () => key } });
    await expect(opens(proposed)).rejects.toMatchObject(WRONG);
    await opens(earlier);
    expect(() => catalog.keys.keepRecoveryKey(earlier)).toThrow(expect.objectContaining(WRONG));
    expect(() => catalog.keys.keepRecoveryKey(proposed.slice(1))).toThrow(expect.objectContaining(WRONG));
    await opens(earlier);
    catalog.keys.keepRecoveryKey(` ${proposed.toLowerCase()} `);
    await opens(proposed);
    await expect(opens(earlier)).rejects.toMatchObject(WRONG);
    expect(kinds(catalog)).toEqual(['passphrase', 'recovery']);
  });

  it('may be typed where the passphrase is asked for', async () => {
    const catalog = await catalogs.open();
    const asked: KeyQuestion[] = [];
    const typing = (text: string): KeySource => ({
      prompt: async (question) => {
        asked.push(question);
        return text;
      },
    });
    await catalogs.open({ dir: catalog.dir, keys: typing(PASSPHRASE) });
    const key = newRecoveryKey(catalog);
    await catalogs.open({ dir: catalog.dir, keys: typing(key) });
    await catalogs.open({ dir: catalog.dir, keys: typing(PASSPHRASE) });
    await expect(catalogs.open({ dir: catalog.dir, keys: typing('neither') })).rejects.toMatchObject(WRONG);
    expect(asked).toEqual(['open', 'open or recover', 'open or recover', 'open or recover']);
  });
});

describe('a keychain', () => {
  it('opens the catalog beside the passphrase, which stays for other machines', async () => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { ...passphrase('p'), keychain } });
    await catalog.keys.useKeychain();
    expect(kinds(catalog)).toEqual(['passphrase', 'keychain']);
    await catalogs.open({ dir: catalog.dir, keys: { keychain } });
    const elsewhere = copyOf(catalog);
    await expect(
      catalogs.open({ dir: elsewhere, keys: { keychain: new MemoryKeychain() } }),
    ).rejects.toMatchObject({
      ...WRONG,
      message: expect.stringContaining('holds no key'),
      remedy: expect.stringMatching(/copied from elsewhere.*passphrase.*keychain on/),
    });
    await catalogs.open({ dir: elsewhere, keys: { ...passphrase('p'), keychain: new MemoryKeychain() } });
  });

  it('may be the only way in; then elsewhere the recovery key is asked for', async () => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { ...passphrase('p'), keychain } });
    await catalog.keys.useKeychain({ forgetPassphrase: true });
    expect(kinds(catalog)).toEqual(['keychain']);
    await expect(
      catalogs.open({ dir: catalog.dir, keys: { keychain: new MemoryKeychain() } }),
    ).rejects.toMatchObject({ ...WRONG, remedy: expect.stringMatching(/Nothing else opens it.*by anybody/) });
    const key = newRecoveryKey(catalog);
    const prompt = async (question: KeyQuestion) => (question === 'recover' ? key : undefined);
    const there = new MemoryKeychain();
    const opened = await catalogs.open({ dir: copyOf(catalog), keys: { keychain: there, prompt } });
    await opened.keys.useKeychain();
    await catalogs.open({ dir: opened.dir, keys: { keychain: there } });
  });

  it('is left for the passphrase, and keeps the key for copies unless it is to forget it', async () => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { keychain } });
    const copy = copyOf(catalog);
    await expect(catalog.keys.leaveKeychain()).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' });
    expect(kinds(catalog)).toEqual(['keychain']);
    await catalog.keys.leaveKeychain({ passphrase: 'p' });
    expect(kinds(catalog)).toEqual(['passphrase']);
    await expect(catalogs.open({ dir: catalog.dir, keys: { keychain } })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    });
    await catalogs.open({ dir: copy, keys: { keychain } });
    // Put into it again, the same key serves both.
    await catalog.keys.useKeychain();
    await catalogs.open({ dir: catalog.dir, keys: { keychain } });
    await catalogs.open({ dir: copy, keys: { keychain } });
    await catalog.keys.leaveKeychain({ forgetKey: true });
    expect(keychain.entries.size).toBe(0);
  });

  it('that forgets at once, or fails, is not relied on', async () => {
    const forgetful: Keychain = {
      get: async () => undefined,
      set: async () => undefined,
      delete: async () => undefined,
    };
    const failing = async (): Promise<never> => {
      throw new AppError('KEYCHAIN_FAILED', 'It is locked.');
    };
    const locked: Keychain = { get: async () => undefined, set: failing, delete: failing };
    for (const keychain of [forgetful, locked]) {
      const catalog = await catalogs.open({ keys: { ...passphrase('p'), keychain } });
      await expect(catalog.keys.useKeychain({ forgetPassphrase: true })).rejects.toMatchObject({
        code: 'KEYCHAIN_FAILED',
      });
      expect(kinds(catalog)).toEqual(['passphrase']);
    }
    const without = await catalogs.open();
    await expect(without.keys.useKeychain()).rejects.toMatchObject({ code: 'KEYCHAIN_FAILED' });
  });
});

describe('who has lost a key', () => {
  it('is told what else opens the catalog, or that nothing does', async () => {
    const catalog = await catalogs.open();
    const open = (keys: KeySource) => catalogs.open({ dir: catalog.dir, keys });
    const nothing = { remedy: expect.stringMatching(/Nothing else opens it.*decrypted, by anybody/) };
    await expect(open(passphrase('forgotten'))).rejects.toMatchObject({ ...WRONG, ...nothing });
    await expect(open({})).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED', ...nothing });
    const key = newRecoveryKey(catalog);
    await expect(open(passphrase('forgotten'))).rejects.toMatchObject({
      ...WRONG,
      remedy: expect.stringMatching(/DRAWBRIDGE_RECOVERY_KEY_FILE.*catalog passphrase/),
    });
    const other = newRecoveryKey(await catalogs.open());
    await expect(open({ recoveryKey: async () => other })).rejects.toMatchObject({
      ...WRONG,
      message: 'This is not the recovery key of this catalog.',
      remedy: expect.stringContaining('its passphrase'),
    });
    await open({ recoveryKey: async () => key });
  });

  it('hears that there is no recovery key where there is none', async () => {
    const catalog = await catalogs.open();
    const other = newRecoveryKey(await catalogs.open());
    await expect(
      catalogs.open({ dir: catalog.dir, keys: { recoveryKey: async () => other } }),
    ).rejects.toMatchObject({ ...WRONG, message: 'This catalog has no recovery key.' });
  });
});

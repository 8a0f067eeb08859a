import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TypedKey } from '../../../contract/catalog-folder.ts';
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
/** What whoever changes something has in hand. */
const PRESENT = { passphrase: PASSPHRASE };
const kinds = ({ keys }: Catalog) => keys.waysIn().map(({ kind }) => kind);
const WRONG = { code: 'WRONG_KEY' };

/** A copy of the catalog, as it would come to another machine. */
function copyOf({ dir }: Catalog): string {
  const copy = join(catalogs.newFolder(), 'catalog');
  cpSync(dir, copy, { recursive: true });
  return copy;
}

async function newRecoveryKey({ keys }: Catalog): Promise<string> {
  const key = await keys.proposeRecoveryKey(PRESENT);
  keys.keepRecoveryKey(key);
  return key;
}

describe('a passphrase', () => {
  it('is changed: the new one opens the catalog, the old one does not, a copy still does with the old one', async () => {
    const catalog = await catalogs.open();
    const copy = copyOf(catalog);
    await catalog.keys.setPassphrase('a new one', PRESENT);
    expect(kinds(catalog)).toEqual(['passphrase']);
    await catalogs.open({ dir: catalog.dir, keys: passphrase('a new one') });
    await expect(catalogs.open({ dir: catalog.dir })).rejects.toMatchObject(WRONG);
    await catalogs.open({ dir: copy, keys: passphrase(PASSPHRASE) });
  });

  it('may not be empty: then the old one stays', async () => {
    const catalog = await catalogs.open();
    await expect(catalog.keys.setPassphrase('', PRESENT)).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
      // Not where the present one is looked for.
      remedy: expect.stringContaining('DRAWBRIDGE_NEW_PASSPHRASE'),
    });
    await catalogs.open({ dir: catalog.dir });
  });

  it('of a lost one takes the recovery key to set', async () => {
    const catalog = await catalogs.open();
    const key = await newRecoveryKey(catalog);
    const again = await catalogs.open({ dir: catalog.dir, keys: { recoveryKey: async () => key } });
    await again.keys.setPassphrase('found again', { recoveryKey: key });
    await catalogs.open({ dir: catalog.dir, keys: passphrase('found again') });
  });
});

describe('a recovery key', () => {
  it('opens nothing before it was typed again, and the earlier one does until then', async () => {
    const catalog = await catalogs.open();
    const earlier = await newRecoveryKey(catalog);
    const proposed = await catalog.keys.proposeRecoveryKey(PRESENT);
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
    const key = await newRecoveryKey(catalog);
    await catalogs.open({ dir: catalog.dir, keys: typing(key) });
    await catalogs.open({ dir: catalog.dir, keys: typing(PASSPHRASE) });
    await expect(catalogs.open({ dir: catalog.dir, keys: typing('neither') })).rejects.toMatchObject(WRONG);
    expect(asked).toEqual(['open', 'open or recover', 'open or recover', 'open or recover']);
  });
});

describe('a keychain', () => {
  it('opens the catalog beside the passphrase, which stays for other computers', async () => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { ...passphrase('p'), keychain } });
    await catalog.keys.useKeychain({ presentKey: { passphrase: 'p' } });
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
    await catalog.keys.useKeychain({ forgetPassphrase: true, presentKey: { passphrase: 'p' } });
    expect(kinds(catalog)).toEqual(['keychain']);
    await expect(
      catalogs.open({ dir: catalog.dir, keys: { keychain: new MemoryKeychain() } }),
    ).rejects.toMatchObject({ ...WRONG, remedy: expect.stringMatching(/Nothing else opens it.*by anybody/) });
    const key = await newRecoveryKey(catalog);
    const prompt = async (question: KeyQuestion) => (question === 'recover' ? key : undefined);
    const there = new MemoryKeychain();
    const opened = await catalogs.open({ dir: copyOf(catalog), keys: { keychain: there, prompt } });
    await opened.keys.useKeychain({ presentKey: { recoveryKey: key } });
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
    const presentKey = { passphrase: 'p' };
    await catalog.keys.useKeychain({ presentKey });
    await catalogs.open({ dir: catalog.dir, keys: { keychain } });
    await catalogs.open({ dir: copy, keys: { keychain } });
    await catalog.keys.leaveKeychain({ forgetKey: true, presentKey });
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
      const presentKey = { passphrase: 'p' };
      await expect(catalog.keys.useKeychain({ forgetPassphrase: true, presentKey })).rejects.toMatchObject({
        code: 'KEYCHAIN_FAILED',
      });
      expect(kinds(catalog)).toEqual(['passphrase']);
    }
    const without = await catalogs.open();
    await expect(without.keys.useKeychain()).rejects.toMatchObject({ code: 'KEYCHAIN_FAILED' });
  });
});

describe('who finds a catalog open', () => {
  /** Every change of what opens it. */
  const changes: Readonly<Record<string, (catalog: Catalog, presentKey?: TypedKey) => Promise<unknown>>> = {
    'another passphrase': ({ keys }, presentKey) => keys.setPassphrase('of a stranger', presentKey),
    'a recovery key': ({ keys }, presentKey) => keys.proposeRecoveryKey(presentKey),
    'the keychain': ({ keys }, presentKey) => keys.useKeychain({ presentKey }),
    'no passphrase': ({ keys }, presentKey) => keys.useKeychain({ forgetPassphrase: true, presentKey }),
    'no keychain': ({ keys }, presentKey) => keys.leaveKeychain({ forgetKey: true, presentKey }),
  };

  it.each(Object.keys(changes))('cannot change what opens it: %s', async (what) => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { ...passphrase(PASSPHRASE), keychain } });
    const recoveryKey = await newRecoveryKey(catalog);
    await catalog.keys.useKeychain({ presentKey: PRESENT });
    const stranger = await newRecoveryKey(await catalogs.open());
    // Also where the keychain has opened it without a question.
    const opened = await catalogs.open({ dir: catalog.dir, keys: { keychain } });
    const before = [opened.keys.waysIn(), keychain.entries.size];
    for (const [presentKey, code] of [
      [undefined, 'PASSPHRASE_NEEDED'],
      [{ passphrase: '' }, 'PASSPHRASE_NEEDED'],
      [{ passphrase: 'guessed' }, 'WRONG_KEY'],
      [{ passphrase: stranger }, 'WRONG_KEY'],
      [{ recoveryKey: stranger }, 'WRONG_KEY'],
    ] as const)
      await expect(changes[what]!(opened, presentKey)).rejects.toMatchObject({ code });
    expect([opened.keys.waysIn(), keychain.entries.size]).toEqual(before);
    await catalogs.open({ dir: catalog.dir });
    // The recovery key does as well, also in the passphrase's place.
    await changes[what]!(opened, { passphrase: recoveryKey });
  });

  it('is asked for what there is where it has no passphrase: the keychain once more, or the recovery key', async () => {
    const keychain = new MemoryKeychain();
    const catalog = await catalogs.open({ keys: { keychain } });
    const recoveryKey = await newRecoveryKey(catalog);
    keychain.entries.clear();
    await expect(catalog.keys.setPassphrase('of a stranger')).rejects.toMatchObject(WRONG);
    await expect(catalog.keys.setPassphrase('of a stranger', PRESENT)).rejects.toMatchObject(WRONG);
    expect(kinds(catalog)).toEqual(['keychain', 'recovery']);
    await catalog.keys.setPassphrase('by the recovery key', { recoveryKey });
    expect(kinds(catalog)).toEqual(['keychain', 'recovery', 'passphrase']);

    const other = await catalogs.open({ keys: { keychain } });
    await other.keys.setPassphrase('by the keychain');
    await catalogs.open({ dir: other.dir, keys: passphrase('by the keychain') });
  });
});

describe('who has lost a key', () => {
  it('is told what else opens the catalog, or that nothing does', async () => {
    const catalog = await catalogs.open();
    const open = (keys: KeySource) => catalogs.open({ dir: catalog.dir, keys });
    const nothing = { remedy: expect.stringMatching(/Nothing else opens it.*decrypted, by anybody/) };
    await expect(open(passphrase('forgotten'))).rejects.toMatchObject({ ...WRONG, ...nothing });
    await expect(open({})).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED', ...nothing });
    const key = await newRecoveryKey(catalog);
    await expect(open(passphrase('forgotten'))).rejects.toMatchObject({
      ...WRONG,
      remedy: expect.stringMatching(/DRAWBRIDGE_RECOVERY_KEY_FILE.*catalog passphrase/),
    });
    const other = await newRecoveryKey(await catalogs.open());
    await expect(open({ recoveryKey: async () => other })).rejects.toMatchObject({
      ...WRONG,
      message: 'This is not the recovery key of this catalog.',
      remedy: expect.stringContaining('its passphrase'),
    });
    await open({ recoveryKey: async () => key });
  });

  it('hears that there is no recovery key where there is none', async () => {
    const catalog = await catalogs.open();
    const other = await newRecoveryKey(await catalogs.open());
    await expect(
      catalogs.open({ dir: catalog.dir, keys: { recoveryKey: async () => other } }),
    ).rejects.toMatchObject({ ...WRONG, message: 'This catalog has no recovery key.' });
  });
});

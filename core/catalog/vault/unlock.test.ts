import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../contract/errors.ts';
import { CHEAP_SCRYPT } from '../test-catalog.ts';
import type { Keychain } from './keychain.ts';
import type { KeySlot } from './key-slots.ts';
import { SCRYPT_COST } from './passphrase.ts';
import { newKey, unlock as unlockWith, type KeySource } from './unlock.ts';

const CATALOG = 'a-catalog';

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

const refuse = async (): Promise<never> => {
  throw new AppError('KEYCHAIN_FAILED', 'There is no keychain here.');
};
const NO_KEYCHAIN: Keychain = { get: refuse, set: refuse, delete: refuse };

const passphrase = (text: string): KeySource => ({ passphrase: async () => text });
const unlock = (catalog: string, whole: readonly KeySlot[], keys: KeySource, damaged = 0) =>
  unlockWith(catalog, { whole, damaged }, keys);
const create = (keys: KeySource) => newKey(CATALOG, keys, CHEAP_SCRYPT);

describe('a passphrase', () => {
  it('opens what it closed, and nothing else does', async () => {
    const { slot, dataKey } = await create(passphrase('one'));
    expect(await unlock(CATALOG, [slot], passphrase('one'))).toEqual(dataKey);
    await expect(unlock(CATALOG, [slot], passphrase('two'))).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await expect(unlock('another-catalog', [slot], passphrase('one'))).rejects.toMatchObject({
      code: 'WRONG_KEY',
    });
    expect(slot.wrapped.includes(dataKey)).toBe(false);
  });

  it.each([
    ['of a new catalog', SCRYPT_COST],
    ['of a catalog of version 1 or 2', { n: 2 ** 17, r: 8, p: 1 }],
  ])('opens the slot %s, whose cost stands in it', async (_what, cost) => {
    const { slot, dataKey } = await newKey(CATALOG, passphrase('one'), cost);
    expect(JSON.parse(slot.parameters)).toMatchObject({ kdf: 'scrypt', ...cost });
    expect(await unlock(CATALOG, [slot], passphrase('one'))).toEqual(dataKey);
    await expect(unlock(CATALOG, [slot], passphrase('two'))).rejects.toMatchObject({ code: 'WRONG_KEY' });
  });

  it('costs an attacker as much as ever, and takes no more than 64 MB', () => {
    const { n, r, p } = SCRYPT_COST;
    expect(n * r * p).toBe(2 ** 17 * 8);
    expect(128 * n * r).toBe(64 * 1024 * 1024);
  });

  it('is the same however a system writes its letters', async () => {
    const { slot, dataKey } = await create(passphrase('caf\u00e9'));
    expect(await unlock(CATALOG, [slot], passphrase('cafe\u0301'))).toEqual(dataKey);
  });

  it('may not be empty', async () => {
    await expect(create(passphrase(''))).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' });
    const { slot } = await create(passphrase('one'));
    await expect(unlock(CATALOG, [slot], passphrase(''))).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    });
  });

  it('that is missing is asked for, in words that say how to give it', async () => {
    const { slot, dataKey } = await create(passphrase('one'));
    await expect(unlock(CATALOG, [slot], {})).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
      remedy: expect.stringMatching(/DRAWBRIDGE_PASSPHRASE .*DRAWBRIDGE_PASSPHRASE_FILE/),
    });
    expect(await unlock(CATALOG, [slot], { prompt: async () => 'one' })).toEqual(dataKey);
  });

  it('has a slot whose every byte is authenticated', async () => {
    const { slot } = await create(passphrase('one'));
    for (let i = 0; i < slot.wrapped.length; i++) {
      const wrapped = Buffer.from(slot.wrapped);
      wrapped[i] = wrapped[i]! ^ 1;
      await expect(unlock(CATALOG, [{ ...slot, wrapped }], passphrase('one'))).rejects.toMatchObject({
        code: 'WRONG_KEY',
      });
    }
  });

  it('is not derived with parameters that would take all memory', async () => {
    const { slot } = await create(passphrase('one'));
    for (const change of [{ n: 2 ** 30 }, { r: 1_000_000 }, { p: 1000 }, { n: 1000 }, { kdf: 'none' }]) {
      const parameters = JSON.stringify({ ...(JSON.parse(slot.parameters) as object), ...change });
      await expect(unlock(CATALOG, [{ ...slot, parameters }], passphrase('one'))).rejects.toMatchObject({
        code: 'CATALOG_DAMAGED',
      });
    }
  });
});

describe('a damaged key slot', () => {
  it('does not matter while another opens the catalog', async () => {
    const keychain = new MemoryKeychain();
    const { slot, dataKey } = await create({ keychain });
    expect(await unlock(CATALOG, [slot], { ...passphrase('one'), keychain }, 1)).toEqual(dataKey);
    await expect(unlock(CATALOG, [slot], passphrase('one'), 1)).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
      details: { left: ['keychain'] },
    });
    await expect(unlock(CATALOG, [], passphrase('one'), 1)).rejects.toMatchObject({
      code: 'CATALOG_DAMAGED',
    });
  });
});

describe('a keychain', () => {
  it('keeps the key of a catalog made without a passphrase', async () => {
    const keychain = new MemoryKeychain();
    const { slot, dataKey } = await create({ keychain });
    expect(slot.kind).toBe('keychain');
    expect(await unlock(CATALOG, [slot], { keychain })).toEqual(dataKey);
    expect(await unlock(CATALOG, [slot], { ...passphrase('not needed'), keychain })).toEqual(dataKey);
  });

  it('is not used when a passphrase is given', async () => {
    const keychain = new MemoryKeychain();
    const { slot } = await create({ ...passphrase('one'), keychain });
    expect(slot.kind).toBe('passphrase');
    expect(keychain.entries.size).toBe(0);
  });

  it('that holds another key, or none, is told from one that cannot be reached', async () => {
    const { slot } = await create({ keychain: new MemoryKeychain() });
    const empty = new MemoryKeychain();
    await expect(unlock(CATALOG, [slot], { keychain: empty })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await empty.set(CATALOG, randomBytes(32));
    await expect(unlock(CATALOG, [slot], { keychain: empty })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    await empty.set(CATALOG, randomBytes(7));
    await expect(unlock(CATALOG, [slot], { keychain: empty })).rejects.toMatchObject({ code: 'WRONG_KEY' });
    for (const keys of [{}, passphrase('one'), { keychain: NO_KEYCHAIN }])
      await expect(unlock(CATALOG, [slot], keys)).rejects.toMatchObject({ code: 'KEYCHAIN_FAILED' });
  });

  it('that fails leaves room for a passphrase', async () => {
    await expect(create({ keychain: NO_KEYCHAIN })).rejects.toMatchObject({ code: 'KEYCHAIN_FAILED' });
    const { slot } = await create({ keychain: NO_KEYCHAIN, prompt: async () => 'typed' });
    expect(slot.kind).toBe('passphrase');
    expect(await unlock(CATALOG, [slot], passphrase('typed'))).toBeInstanceOf(Buffer);
  });

  it('that forgets at once is not relied on', async () => {
    const keychain: Keychain = { ...NO_KEYCHAIN, set: async () => undefined, get: async () => undefined };
    await expect(create({ keychain })).rejects.toMatchObject({ code: 'KEYCHAIN_FAILED' });
  });

  it('is cleaned up when the catalog was not created', async () => {
    const keychain = new MemoryKeychain();
    const { discard } = await create({ keychain });
    await discard();
    expect(keychain.entries.size).toBe(0);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemKeychain } from './keychain.ts';

/** What the native library is given, and what it does; the real one would touch the keychain of whoever runs the tests. */
const native = vi.hoisted(() => ({
  store: new Map<string, string>(),
  made: [] as unknown[][],
  failure: undefined as Error | undefined,
}));

vi.mock('@napi-rs/keyring', () => ({
  AsyncEntry: class {
    readonly #account: string;
    constructor(...made: [string, string, unknown]) {
      native.made.push(made);
      if (native.failure) throw native.failure;
      this.#account = made[1];
    }
    async getPassword(): Promise<string | null> {
      return native.store.get(this.#account) ?? null;
    }
    async setPassword(password: string): Promise<void> {
      native.store.set(this.#account, password);
    }
    async deletePassword(): Promise<boolean> {
      return native.store.delete(this.#account);
    }
  },
}));

afterEach(() => {
  native.failure = undefined;
});

describe('the system’s keychain', () => {
  it('keeps bytes', async () => {
    const keychain = systemKeychain();
    const secret = Buffer.from([0, 255, 10, 13, 128]);
    expect(await keychain.get('catalog')).toBeUndefined();
    await keychain.set('catalog', secret);
    expect(await keychain.get('catalog')).toEqual(secret);
    await keychain.delete('catalog');
    expect(await keychain.get('catalog')).toBeUndefined();
  });

  it('is never the kernel’s keyring, which forgets at restart', async () => {
    await systemKeychain().get('catalog');
    expect(native.made.at(-1)).toEqual(['Drawbridge', 'catalog', { linux: { store: 'secret-service' } }]);
  });

  it('says how to do without it where there is none', async () => {
    native.failure = new Error('Platform failure: DBus error');
    await expect(systemKeychain().set('catalog', Buffer.alloc(32))).rejects.toMatchObject({
      code: 'KEYCHAIN_FAILED',
      remedy: expect.stringMatching(/DRAWBRIDGE_PASSPHRASE .*DRAWBRIDGE_PASSPHRASE_FILE/),
    });
  });
});

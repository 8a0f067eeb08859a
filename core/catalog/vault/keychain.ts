import { AppError } from '../../../contract/errors.ts';

/** A store of small secrets that the operating system keeps for this user. Each method throws KEYCHAIN_FAILED. */
export interface Keychain {
  get(account: string): Promise<Buffer | undefined>;
  set(account: string, secret: Buffer): Promise<void>;
  delete(account: string): Promise<void>;
}

const SERVICE = 'Drawbridge';
/** A desktop may be asking its user to unlock the keychain meanwhile. Milliseconds. */
const PATIENCE_MILLISECONDS = 120_000;

/**
 * macOS Keychain, Windows Credential Manager, or the Secret Service of a Linux desktop. On Linux the library would fall
 * back to the kernel's keyring, which forgets at restart: with it the catalog's key would be lost, so it is ruled out.
 */
export function systemKeychain(): Keychain {
  return {
    async get(account) {
      const text = await attempt('read', async (entry) => entry.getPassword(patience()), account);
      return typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
    },
    async set(account, secret) {
      await attempt('write', (entry) => entry.setPassword(secret.toString('base64'), patience()), account);
    },
    async delete(account) {
      await attempt('clean up', (entry) => entry.deletePassword(patience()), account);
    },
  };
}

type Entry = InstanceType<typeof import('@napi-rs/keyring').AsyncEntry>;

async function attempt<T>(doing: string, work: (entry: Entry) => Promise<T>, account: string): Promise<T> {
  try {
    // Loaded when needed: it is native code, which a platform may lack.
    const { AsyncEntry } = await import('@napi-rs/keyring');
    return await work(new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } }));
  } catch (error) {
    throw new AppError('KEYCHAIN_FAILED', `Drawbridge could not ${doing} the operating system’s keychain.`, {
      notChanged: 'The catalog was not changed.',
      remedy:
        'Unlock the keychain, or, on a computer without one (a server, CI), give a passphrase in DRAWBRIDGE_PASSPHRASE or in a file named by DRAWBRIDGE_PASSPHRASE_FILE.',
      details: { reason: error instanceof Error ? error.message : String(error) },
      cause: error,
    });
  }
}

function patience(): AbortSignal {
  return AbortSignal.timeout(PATIENCE_MILLISECONDS);
}

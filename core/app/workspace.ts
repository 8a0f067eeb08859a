import { randomBytes } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import type { z } from 'zod';
import { AppError, errorView, isAppError } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import type { TypedKey, WayIn } from '../../contract/catalog-folder.ts';
import type {
  createWorkspaceInput,
  moveWorkspaceInput,
  openWorkspaceInput,
  WorkspaceView,
} from '../../contract/workspace.ts';
import {
  openEngine,
  openMaintenance,
  type Engine,
  type EngineClient,
  type EngineOptions,
  type KeySource,
  type MaintenanceClient,
} from '../engine/index.ts';
import { Latest } from './latest.ts';
import type { Preferences } from './preferences.ts';

export interface WorkspaceOptions {
  /** The catalog's folder where none was chosen yet. */
  readonly usualDir: string;
  /** Given at the start: then it is this one, whatever was chosen before. */
  readonly dir?: string | undefined;
  readonly keychain: NonNullable<KeySource['keychain']>;
  /** Keys that are at hand at the start without asking anybody; they are tried once. */
  readonly keys?: Pick<KeySource, 'passphrase' | 'recoveryKey'> | undefined;
  readonly preferences: Preferences;
  /** What a file is called that a window has handed over. */
  readonly nameOfFile?: EngineOptions['nameOfFile'];
  /** Never set outside tests. */
  readonly testing?: EngineOptions['testing'];
}

/** The one catalog that a program's windows look at: which folder, whether it is open, and the engine over it. */
export class Workspace {
  readonly #options: WorkspaceOptions;
  readonly #view: Latest<WorkspaceView>;
  #engine: Engine | undefined;
  #moving: AbortController | undefined;
  #keychainKeeps: Promise<boolean> | undefined;
  /** Opening and closing take turns. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: WorkspaceOptions, view: WorkspaceView) {
    this.#options = options;
    this.#view = new Latest(view);
  }

  /** Opens the catalog, if that needs nobody to be asked. */
  static async begin(options: WorkspaceOptions): Promise<Workspace> {
    const dir = resolve(options.dir ?? options.preferences.catalog ?? options.usualDir);
    const workspace = new Workspace(options, {
      dir,
      state: 'absent',
      opensWith: [],
      keychain: false,
      usualDir: options.usualDir,
      fixed: options.dir !== undefined,
    });
    await workspace.#look(dir);
    const { state, opensWith } = workspace.view;
    const passphrase = await options.keys?.passphrase?.();
    const recoveryKey = await options.keys?.recoveryKey?.();
    const atHand = passphrase ?? recoveryKey;
    if (state === 'locked' && (atHand !== undefined || opensWith.includes('keychain')))
      await workspace.#openWith({ ...options.keys, keychain: options.keychain }).catch(asToldInView);
    return workspace;
  }

  get view(): WorkspaceView {
    return this.#view.value;
  }

  watch(signal: AbortSignal | undefined): AsyncGenerator<WorkspaceView> {
    return this.#view.watch(signal);
  }

  /** @throws AppError CATALOG_MISSING, PASSPHRASE_NEEDED, or why it could not be opened */
  client(): EngineClient {
    if (this.#engine) return this.#engine.client;
    const { state, dir, error } = this.view;
    if (state === 'failed' && error) throw new AppError(error.code, error.message, error);
    throw state === 'absent'
      ? new AppError('CATALOG_MISSING', `There is no catalog in ${dir} yet.`, {
          notChanged: 'Nothing was done.',
          remedy: 'Create one first.',
        })
      : new AppError('PASSPHRASE_NEEDED', `The catalog in ${dir} is locked.`, {
          notChanged: 'Nothing was done.',
          remedy: 'Open it with its passphrase or its recovery key.',
        });
  }

  /** Whether a recovery key opens the catalog; it may be open. @throws AppError WRONG_KEY, CATALOG_MISSING, … */
  checkRecoveryKey(input: { readonly recoveryKey: string }): Promise<WayIn> {
    return this.#maintenanceOf(this.view.dir, {}).checkRecoveryKey(input);
  }

  /** Asked once, and only where a key has to be chosen: a desktop may ask its user to unlock the keychain for it. */
  keepsKeys(): Promise<boolean> {
    return (this.#keychainKeeps ??= keeps(this.#options.keychain));
  }

  /** For what is done to the catalog while it is closed. @throws AppError USAGE while it is open */
  maintenance(key: TypedKey | undefined): MaintenanceClient {
    if (this.#engine)
      throw new AppError('USAGE', 'The catalog is open here.', {
        notChanged: 'Nothing was done.',
        remedy: 'Lock it first.',
      });
    return this.#maintenanceOf(this.view.dir, this.#keysOf(key));
  }

  /** @throws AppError USAGE for a folder that is not absolute or fixed, or while jobs run */
  choose(dir: string): Promise<WorkspaceView> {
    return this.#inTurn(async () => {
      this.#requireFree(dir);
      this.requireNoJobs();
      await this.#close();
      this.#options.preferences.chooseCatalog(dir);
      return this.#look(dir);
    });
  }

  /** @throws AppError USAGE where there is one; what creating one throws */
  create({ dir = this.view.dir, key }: z.output<typeof createWorkspaceInput>): Promise<WorkspaceView> {
    return this.#inTurn(async () => {
      if (dir !== this.view.dir) {
        this.#requireFree(dir);
        this.requireNoJobs();
        await this.#close();
        await this.#look(dir);
      }
      if (this.view.state !== 'absent')
        throw new AppError('USAGE', `There is a catalog in ${dir} already.`, {
          notChanged: 'It was not touched.',
          remedy: 'Open it, or choose another folder.',
        });
      const { keychain } = this.#options;
      // First: a catalog that the next start does not find would be taken for lost.
      if (!this.view.fixed) this.#options.preferences.chooseCatalog(dir);
      this.#engine = await openEngine({
        catalogDir: dir,
        keys: key === 'keychain' ? { keychain } : { passphrase: async () => key.passphrase, keychain },
        createCatalog: true,
        nameOfFile: this.#options.nameOfFile,
        ...this.#testing(),
      });
      return this.#show({ state: 'open', opensWith: [key === 'keychain' ? 'keychain' : 'passphrase'] });
    });
  }

  /** @throws AppError WRONG_KEY, PASSPHRASE_NEEDED, KEYCHAIN_FAILED, CATALOG_MISSING, CATALOG_DAMAGED, CATALOG_LOCKED */
  open({ key }: z.output<typeof openWorkspaceInput>): Promise<WorkspaceView> {
    return this.#inTurn(async () => {
      if (this.#engine) return this.view;
      await this.#look(this.view.dir);
      if (this.view.state === 'absent') this.client();
      return this.#openWith(this.#keysOf(key));
    });
  }

  /** @throws AppError USAGE while jobs run */
  lock(): Promise<WorkspaceView> {
    return this.#inTurn(async () => {
      this.requireNoJobs();
      await this.#close();
      return this.#look(this.view.dir);
    });
  }

  /**
   * Closes the catalog, moves it, and opens it again, in its new place or, where that failed, in the old one.
   *
   * @throws AppError USAGE for a folder that is not absolute or fixed, or while jobs run; what opening and moving throw
   */
  move({ to, key }: z.output<typeof moveWorkspaceInput>): Promise<WorkspaceView> {
    return this.#inTurn(async () => {
      this.client();
      this.#requireMovable(to);
      this.requireNoJobs();
      const { dir } = this.view;
      const keys = this.#keysOf(key);
      // A wrong key is told before anything is closed.
      await (await openEngine({ catalogDir: dir, keys, ...this.#testing() })).close();
      this.#moving = new AbortController();
      await this.#close({ moving: { to } });
      try {
        await this.#carryOver(to, keys, this.#moving.signal);
        return await this.#openWith(keys);
      } catch (thrown) {
        const error = asAppError(thrown);
        this.#show({ lastMove: { to, error: errorView(error) } });
        if (this.view.dir === dir) await this.#openWith(keys);
        throw error;
      } finally {
        this.#moving = undefined;
        if (this.view.moving) this.#show({});
      }
    });
  }

  stopMoving(): void {
    this.#moving?.abort();
  }

  async #carryOver(to: string, keys: KeySource, signal: AbortSignal): Promise<void> {
    for await (const event of await this.#maintenanceOf(this.view.dir, keys).move({ to }, { signal })) {
      if ('progress' in event) {
        this.#show({ moving: { to, progress: event.progress } });
        continue;
      }
      const { leftBehind } = event.result;
      await this.#look(event.result.to);
      this.#show({ lastMove: { to, ...(leftBehind !== undefined && { leftBehind }) } });
      this.#options.preferences.chooseCatalog(event.result.to);
    }
  }

  /** Ids of those of this program, not of others that have the same catalog open. */
  runningJobs(): readonly string[] {
    return this.#engine?.runningJobs() ?? [];
  }

  /** Cancels what runs and waits for its end. Nothing else can be started until the catalog is opened anew. */
  async cancelJobs(): Promise<void> {
    await this.#engine?.cancelJobs();
  }

  /** Cancels what runs, waits for its end, and closes the catalog. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#close());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** What a person typed; nothing: the keychain. */
  #keysOf(key: TypedKey | undefined): KeySource {
    if (key === undefined) return { keychain: this.#options.keychain };
    if ('recoveryKey' in key) return { recoveryKey: async () => key.recoveryKey };
    // Whoever types a passphrase may type the recovery key in its place.
    return { prompt: async () => key.passphrase };
  }

  async #openWith(keys: KeySource): Promise<WorkspaceView> {
    const { dir } = this.view;
    try {
      this.#engine = await openEngine({
        catalogDir: dir,
        keys,
        // Whoever types a key may put it into the keychain afterwards.
        keychain: this.#options.keychain,
        nameOfFile: this.#options.nameOfFile,
        ...this.#testing(),
      });
      return this.#show({ state: 'open' });
    } catch (thrown) {
      const error = asAppError(thrown);
      const needsKey = ['WRONG_KEY', 'PASSPHRASE_NEEDED', 'KEYCHAIN_FAILED'].includes(error.code);
      this.#show({ state: needsKey ? 'locked' : 'failed', error: errorView(error) });
      throw error;
    }
  }

  /** Finds out what is in a folder, without a key. */
  async #look(dir: string): Promise<WorkspaceView> {
    try {
      const { waysIn } = await this.#maintenanceOf(dir, {}).show();
      const opensWith = [...new Set(waysIn.filter(({ damaged }) => !damaged).map(({ kind }) => kind))];
      return this.#show({ dir, state: 'locked', opensWith });
    } catch (thrown) {
      const error = asAppError(thrown);
      const keychain = await this.keepsKeys();
      if (isAppError(error, 'CATALOG_MISSING'))
        return this.#show({ dir, state: 'absent', opensWith: [], keychain });
      return this.#show({ dir, state: 'failed', opensWith: [], keychain, error: errorView(error) });
    }
  }

  #show(change: Partial<WorkspaceView>): WorkspaceView {
    const { error: _, moving, ...before } = this.view;
    // On the way it is closed, and looked for in the one place and the other: to a window all that is one move.
    const stillMoves = this.#moving && moving && change.state !== 'open' && change.state !== 'failed';
    this.#view.set({ ...before, ...(stillMoves && { moving }), ...change });
    return this.view;
  }

  async #close(change: Partial<WorkspaceView> = {}): Promise<void> {
    const engine = this.#engine;
    if (!engine) return;
    // Shown first: whoever uses it lets go of it before it is closed.
    this.#engine = undefined;
    this.#show({ ...change, state: 'locked' });
    await engine.close();
  }

  #requireMovable(to: string): void {
    this.#requireFree(to);
    if (this.view.fixed)
      throw new AppError('USAGE', 'The catalog’s folder was given when Drawbridge was started.', {
        notChanged: 'The catalog stays where it is.',
        remedy:
          'Close Drawbridge, move the catalog with “drawbridge catalog move”, and start it with the new folder.',
      });
  }

  #requireFree(dir: string): void {
    if (!isAbsolute(dir))
      throw new AppError('USAGE', `“${dir}” is no whole path.`, {
        notChanged: 'The catalog’s folder stays as it was.',
        remedy: 'Give the folder’s whole path.',
      });
    if (this.view.fixed && dir !== this.view.dir)
      throw new AppError('USAGE', 'The catalog’s folder was given when Drawbridge was started.', {
        notChanged: 'The catalog’s folder stays as it was.',
        remedy: 'Start Drawbridge without --catalog and DRAWBRIDGE_CATALOG to choose one here.',
      });
  }

  /** @throws AppError USAGE */
  requireNoJobs(): void {
    const jobs = this.runningJobs().length;
    if (jobs > 0)
      throw new AppError('USAGE', jobs === 1 ? 'A job is running.' : `${jobs} jobs are running.`, {
        notChanged: 'The catalog stays open.',
        remedy: 'Wait for the end, or cancel first.',
      });
  }

  #maintenanceOf(dir: string, keys: KeySource): MaintenanceClient {
    return openMaintenance({ catalogDir: dir, keys, ...this.#testing() });
  }

  #testing(): Pick<EngineOptions, 'testing'> {
    const { testing } = this.#options;
    return testing ? { testing } : {};
  }
}

/** The view says why it is not open: at the start of a program there is nobody else to be told. */
function asToldInView(error: unknown): void {
  if (!isAppError(error)) throw error;
}

/** Whether a keychain keeps what it is given: asked with something of no value, since many are there in name only. */
async function keeps(keychain: NonNullable<KeySource['keychain']>): Promise<boolean> {
  const account = `probe-${randomBytes(8).toString('hex')}`;
  const value = randomBytes(16);
  try {
    await keychain.set(account, value);
    try {
      return (await keychain.get(account))?.equals(value) === true;
    } finally {
      await keychain.delete(account);
    }
  } catch (error) {
    if (isAppError(error, 'KEYCHAIN_FAILED')) return false;
    throw error;
  }
}

import { isDeepStrictEqual } from 'node:util';
import { AppError, errorView } from '../../contract/errors.ts';
import type { EnvironmentInput } from '../../contract/environment.ts';
import type { PracticeView } from '../../contract/workspace.ts';
import { asAppError } from '../../contract/wire.ts';
import { isAlive, type EngineClient } from '../engine/index.ts';
import { Latest } from './latest.ts';
import type { Preferences, RememberedStandIn } from './preferences.ts';

/** OpenGate stand-ins that run. The host brings them: the engine's rooms know nothing of the sandbox. */
export interface StandIns {
  readonly environments: readonly StandIn[];
  stop(): Promise<void>;
}

export interface StandIn {
  readonly name: string;
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly gatewayUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** With its password. */
  readonly pgUrl: string;
  readonly databases: Readonly<Record<'realm' | 'user' | 'rbac' | 'client', string>>;
  readonly realms: readonly string[];
}

export type StartStandIns = (options: {
  readonly dialect: 'documented' | 'v1.1';
  readonly users: number;
  readonly signal: AbortSignal;
}) => Promise<StandIns>;

const PREFIX = 'practice-';
/** Of earlier times. In another catalog some may never be looked for again. */
const REMEMBERED = 20;

/** Two OpenGate stand-ins on this computer, to try everything with; in the catalog while they run. */
export class Practice {
  readonly #start: StartStandIns;
  readonly #client: () => EngineClient;
  readonly #preferences: Preferences;
  readonly #view = new Latest<PracticeView>({ state: 'stopped', environments: [] });
  #running: StandIns | undefined;
  #starting: { readonly calledOff: AbortController; readonly done: Promise<void> } | undefined;
  #ending: Promise<void> | undefined;

  constructor(start: StartStandIns, client: () => EngineClient, preferences: Preferences) {
    this.#start = start;
    this.#client = client;
    this.#preferences = preferences;
  }

  get view(): PracticeView {
    return this.#view.value;
  }

  watch(signal: AbortSignal | undefined): AsyncGenerator<PracticeView> {
    return this.#view.watch(signal);
  }

  /** Returns at once; `watch` shows when they run. @throws AppError where no catalog is open */
  async start(options: { dialect: 'documented' | 'v1.1'; users: number }): Promise<PracticeView> {
    if (this.#starting || this.#running) return this.view;
    const client = this.#client();
    const calledOff = new AbortController();
    this.#view.set({ state: 'starting', environments: [] });
    this.#starting = { calledOff, done: this.#run(client, options, calledOff.signal) };
    return this.view;
  }

  /** They end, and their environments leave the catalog, if one is open. */
  async stop(): Promise<PracticeView> {
    this.#starting?.calledOff.abort();
    await this.#starting?.done;
    this.#ending ??= this.#end().finally(() => {
      this.#ending = undefined;
    });
    await this.#ending;
    return this.view;
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    try {
      if (running) await this.#forget(this.#client(), (standIn) => standIn.pid === process.pid);
    } finally {
      await running?.stop();
      if (!this.#starting) this.#view.set({ state: 'stopped', environments: [] });
    }
  }

  /** Those of a program that did not end as it should: their addresses lead nowhere. */
  async forgetLost(): Promise<void> {
    const isOurs = this.#running !== undefined || this.#starting !== undefined;
    await this.#forget(this.#client(), ({ pid }) => (pid === process.pid ? !isOurs : !isAlive(pid)));
  }

  async #run(
    client: EngineClient,
    options: { dialect: 'documented' | 'v1.1'; users: number },
    signal: AbortSignal,
  ): Promise<void> {
    try {
      // Whoever ended the earlier ones is told what that met.
      await this.#ending?.catch(() => undefined);
      await this.#forget(client, ({ pid }) => pid === process.pid || !isAlive(pid));
      await requireFreeNames(client);
      const running = await this.#start({ ...options, signal });
      this.#running = running;
      await this.#add(client, running.environments);
      this.#view.set({
        state: 'running',
        environments: running.environments.map(({ name, realms, apiUrl }) => ({
          name: PREFIX + name,
          stage: stageOf(name),
          realms: [...realms],
          apiUrl,
        })),
      });
    } catch (thrown) {
      const error = await this.#giveUp(client, signal.aborted ? undefined : asAppError(thrown));
      this.#view.set(
        error
          ? { state: 'failed', environments: [], error: errorView(error) }
          : { state: 'stopped', environments: [] },
      );
    } finally {
      this.#starting = undefined;
    }
  }

  async #add(client: EngineClient, standIns: readonly StandIn[]): Promise<void> {
    // Remembered first: whatever happens between, none stays in the catalog unnoticed.
    this.#preferences.rememberStandIns((now) => [
      ...now.slice(-REMEMBERED),
      ...standIns.map(({ name, apiUrl }) => ({ name: PREFIX + name, apiUrl, pid: process.pid })),
    ]);
    for (const standIn of standIns) await client.environments.add(environmentOf(standIn));
  }

  /**
   * @param why undefined: they were called off
   * @returns what there is to be told
   */
  async #giveUp(client: EngineClient, why: AppError | undefined): Promise<AppError | undefined> {
    const running = this.#running;
    this.#running = undefined;
    try {
      try {
        await this.#forget(client, ({ pid }) => pid === process.pid);
      } finally {
        await running?.stop();
      }
      return why;
    } catch (error) {
      // What stays in the catalog is remembered, and forgotten the next time.
      return why ?? asAppError(error);
    }
  }

  /** Only what this program put there: somebody's own environment may have such a name and such an address. */
  async #forget(client: EngineClient, which: (standIn: RememberedStandIn) => boolean): Promise<void> {
    const gone = this.#preferences.standIns.filter(which);
    if (gone.length === 0) return;
    const removed: RememberedStandIn[] = [];
    for (const { name, api } of await client.environments.list()) {
      const found = gone.find((one) => one.name === name && isSameAddress(one.apiUrl, api?.apiUrl));
      if (!found) continue;
      await client.environments.remove({ name });
      removed.push(found);
    }
    // The others may be in another catalog, which is not open now.
    this.#preferences.rememberStandIns((now) =>
      now.filter((one) => !removed.some((other) => isDeepStrictEqual(one, other))),
    );
  }
}

function environmentOf(standIn: StandIn): EnvironmentInput {
  const { name, apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl, databases } = standIn;
  return {
    name: PREFIX + name,
    stage: stageOf(name),
    api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret },
    postgres: { url: pgUrl, databases: { ...databases } },
  };
}

/** So that also the caution before a production environment can be seen. */
function stageOf(name: string): 'development' | 'production' {
  return name === 'prod' ? 'production' : 'development';
}

/** With or without the slash at its end, which the catalog may have put there. */
function isSameAddress(one: string, other: string | undefined): boolean {
  return other !== undefined && new URL(one).origin === new URL(other).origin;
}

/** @throws AppError INVALID_NAME */
async function requireFreeNames(client: EngineClient): Promise<void> {
  const taken = (await client.environments.list()).find(({ name }) => name.startsWith(PREFIX));
  if (taken)
    throw new AppError(
      'INVALID_NAME',
      `There is an environment named ${taken.name} that was not added by this program.`,
      {
        notChanged: 'Nothing was started, and that environment was not touched.',
        remedy: `Names that begin with “${PREFIX}” are kept for the sandbox: stop the sandbox of the other window, or give that environment another name.`,
      },
    );
}

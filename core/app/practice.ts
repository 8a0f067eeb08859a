import { AppError, errorView } from '../../contract/errors.ts';
import type { EnvironmentInput } from '../../contract/environment.ts';
import type { PracticeView } from '../../contract/workspace.ts';
import { asAppError } from '../../contract/wire.ts';
import type { EngineClient } from '../engine/index.ts';
import { Latest } from './latest.ts';

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

/** Two OpenGate stand-ins on this computer, to try everything with; in the catalog while they run. */
export class Practice {
  readonly #start: StartStandIns;
  readonly #client: () => EngineClient;
  readonly #view = new Latest<PracticeView>({ state: 'stopped', environments: [] });
  #running: StandIns | undefined;
  #starting: { readonly calledOff: AbortController; readonly done: Promise<void> } | undefined;

  constructor(start: StartStandIns, client: () => EngineClient) {
    this.#start = start;
    this.#client = client;
  }

  get view(): PracticeView {
    return this.#view.value;
  }

  watch(signal: AbortSignal | undefined): AsyncGenerator<PracticeView> {
    return this.#view.watch(signal);
  }

  /** Returns at once; `watch` shows when they run. @throws AppError where no catalog is open, NAME taken by another */
  async start(options: { dialect: 'documented' | 'v1.1'; users: number }): Promise<PracticeView> {
    if (this.#starting || this.#running) return this.view;
    const client = this.#client();
    await requireFreeNames(client);
    const calledOff = new AbortController();
    this.#view.set({ state: 'starting', environments: [] });
    this.#starting = { calledOff, done: this.#run(client, options, calledOff.signal) };
    return this.view;
  }

  /** They end, and their environments leave the catalog if one is open. */
  async stop(): Promise<PracticeView> {
    this.#starting?.calledOff.abort();
    await this.#starting?.done;
    const running = this.#running;
    this.#running = undefined;
    if (running) {
      await forgetStandIns(this.#client());
      await running.stop();
    }
    this.#view.set({ state: 'stopped', environments: [] });
    return this.view;
  }

  /** Those of a program that did not end as it should: their addresses lead nowhere. */
  async forgetLost(): Promise<void> {
    if (!this.#running && !this.#starting) await forgetStandIns(this.#client());
  }

  async #run(
    client: EngineClient,
    options: { dialect: 'documented' | 'v1.1'; users: number },
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const running = await this.#start({ ...options, signal });
      this.#running = running;
      await forgetStandIns(client);
      for (const standIn of running.environments) await client.environments.add(environmentOf(standIn));
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
      const running = this.#running;
      this.#running = undefined;
      await running?.stop();
      this.#view.set(
        signal.aborted
          ? { state: 'stopped', environments: [] }
          : { state: 'failed', environments: [], error: errorView(asAppError(thrown)) },
      );
    } finally {
      this.#starting = undefined;
    }
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

interface Known {
  readonly name: string;
  readonly api?: { readonly apiUrl: string } | undefined;
}

function isStandIn({ name, api }: Known): boolean {
  return name.startsWith(PREFIX) && api !== undefined && new URL(api.apiUrl).hostname === '127.0.0.1';
}

async function forgetStandIns(client: EngineClient): Promise<void> {
  for (const environment of await client.environments.list())
    if (isStandIn(environment)) await client.environments.remove({ name: environment.name });
}

async function requireFreeNames(client: EngineClient): Promise<void> {
  const taken = (await client.environments.list()).find(
    (environment) => environment.name.startsWith(PREFIX) && !isStandIn(environment),
  );
  if (taken)
    throw new AppError('INVALID_NAME', `There is an environment named ${taken.name} that is not ours.`, {
      notChanged: 'Nothing was started, and that environment was not touched.',
      remedy: `Names that begin with “${PREFIX}” are kept for practice: give it another one.`,
    });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresInput } from '../../contract/environment.ts';
import type { ApplyResult, JobInput, JobResult, JobView } from '../../contract/job.ts';
import type { PlanView } from '../../contract/plan.ts';
import { openEngine, type Engine, type EngineClient } from '../../core/engine/index.ts';
import type { ScryptCost } from '../../core/catalog/vault/passphrase.ts';
import {
  startSandbox,
  type DialectName,
  type EnvironmentSpec,
  type FaultHook,
  type Sandbox,
  type SandboxOptions,
} from '../../sandbox/index.ts';

/** Cheap, for tests only. */
const QUICK_SCRYPT: ScryptCost = { n: 1024, r: 8, p: 1 };

/** A sandbox, a catalog and an engine over both; a fault can be set and taken away while it runs. */
export interface Line {
  readonly sandbox: Sandbox;
  readonly client: EngineClient;
  readonly catalogDir: string;
  fault: FaultHook | undefined;
  /** Another engine over the same catalog, as another process would have it, so many milliseconds from now. */
  reopen(later: number): Promise<Engine>;
  run<K extends JobInput['kind']>(input: Extract<JobInput, { kind: K }>): Promise<Ended<K>>;
  plan(input: Omit<Extract<JobInput, { kind: 'plan' }>, 'kind'>): Promise<PlanView>;
  apply(plan: string, confirmation?: { confirm?: string; confirmEnvironment?: string }): Promise<ApplyResult>;
  /**
   * Adds an environment of the sandbox under another name, with these channels.
   *
   * @returns its name: "prod-postgres"
   */
  add(environment: string, channel: 'api' | 'postgres' | 'both', settings?: LineSettings): Promise<string>;
  users(environment: string, realm: string): Promise<{ username: string; roles: string[]; email: string }[]>;
  close(): Promise<void>;
}

/** What an environment is added with besides. */
export interface LineSettings {
  readonly as?: string;
  readonly postgres?: Partial<PostgresInput>;
}

export interface Ended<K extends JobInput['kind']> {
  readonly view: JobView;
  readonly result: Extract<JobResult, { kind: K }> | undefined;
  readonly error: JobView['error'];
}

export const keys = { passphrase: () => Promise.resolve('correct horse battery staple') };

export interface LineOptions {
  /** Default: `dev` and `prod`, added by their Admin API. */
  readonly environments?: readonly (string | EnvironmentSpec)[];
  /** What the sandbox speaks. Default: as documented. */
  readonly dialect?: DialectName;
  /** How the servers of `v1.1` behave. */
  readonly released?: SandboxOptions['released'];
  /** False: no environment is added. Default true. */
  readonly addApis?: boolean;
}

export async function startLine(users: number, options: LineOptions = {}): Promise<Line> {
  const catalogDir = mkdtempSync(join(tmpdir(), 'drawbridge-line-'));
  let fault: FaultHook | undefined;
  const sandbox = await startSandbox({
    users,
    bcryptCost: 4,
    onRequest: (request) => fault?.(request),
    ...(options.environments && { environments: options.environments }),
    ...(options.dialect && { dialect: options.dialect }),
    ...(options.released && { released: options.released }),
  });
  const open = (later: number) =>
    openEngine({
      catalogDir,
      keys,
      createCatalog: true,
      testing: { scrypt: QUICK_SCRYPT, now: () => new Date(Date.now() + later) },
    });
  const engine = await open(0);
  const { client } = engine;
  const added = options.addApis === false ? [] : sandbox.environments;
  for (const { name, apiUrl, authUrl, gatewayUrl, clientId, clientSecret } of added)
    await client.environments.add({
      name,
      stage: name === 'prod' ? 'production' : 'development',
      api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret },
    });

  async function run<K extends JobInput['kind']>(input: Extract<JobInput, { kind: K }>): Promise<Ended<K>> {
    const started = await client.jobs.start(input);
    return ended<K>(await lastView(client, started.id));
  }

  return {
    sandbox,
    client,
    catalogDir,
    get fault() {
      return fault;
    },
    set fault(hook) {
      fault = hook;
    },
    reopen: open,
    run,
    async plan(input) {
      const { result, error } = await run<'plan'>({ kind: 'plan', ...input });
      if (!result) throw new Error(`No plan: ${error?.message}`);
      return result.plan;
    },
    async apply(plan, confirmation = {}) {
      const { result, error } = await run<'apply'>({ kind: 'apply', plan, ...confirmation });
      if (!result) throw new Error(`Not applied: ${error?.code} ${error?.message}`);
      return result.result;
    },
    async add(environment, channel, { as = `${environment}-${channel}`, postgres } = {}) {
      const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret, pgUrl } = sandbox.environment(environment);
      await client.environments.add({
        name: as,
        stage: environment === 'prod' ? 'production' : 'development',
        ...(channel !== 'postgres' && { api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } }),
        ...(channel !== 'api' && { postgres: { url: pgUrl, ...postgres } }),
      });
      return as;
    },
    users: (environment, realm) => usersOf(sandbox, environment, realm),
    async close() {
      await engine.close();
      await sandbox.stop();
      rmSync(catalogDir, { recursive: true, force: true });
    },
  };
}

export async function lastView(client: EngineClient, job: string): Promise<JobView> {
  let last: JobView | undefined;
  for await (const view of await client.jobs.watch({ job })) last = view;
  return last!;
}

export function ended<K extends JobInput['kind']>(view: JobView): Ended<K> {
  return { view, result: view.result as Extract<JobResult, { kind: K }> | undefined, error: view.error };
}

/** Asked of the server itself, past everything of ours. */
async function usersOf(sandbox: Sandbox, environment: string, realm: string) {
  const { authUrl, apiUrl, clientId, clientSecret } = sandbox.environments.find(
    ({ name }) => name === environment,
  )!;
  const token = await fetch(`${authUrl}/realms/master/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const answer = await fetch(`${apiUrl}/admin/realms/${realm}/users/export`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  return ((await answer.json()) as { users: { username: string; roles: string[]; email: string }[] }).users;
}

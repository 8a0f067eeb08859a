import { AppError } from '../contract/errors.ts';
import type { Dialect, DialectName, ReleasedOptions } from './dialect.ts';
import { documented } from './documented/server.ts';
import {
  startEnvironment,
  type EnvironmentHandle,
  type RunningEnvironment,
  type SandboxEnvironment,
} from './environment.ts';
import type { FaultHook } from './http/fault.ts';
import { released } from './released/servers.ts';
import type { SeedName } from './seed/environments.ts';

export type { DialectName, ReleasedOptions } from './dialect.ts';
export type { EnvironmentHandle, SandboxEnvironment } from './environment.ts';
export type { Fault, FaultHook, FaultRequest } from './http/fault.ts';
export type { SeedName } from './seed/environments.ts';
export { seededPassword } from './seed/seeded-passwords.ts';

export interface EnvironmentSpec {
  readonly name: string;
  readonly seed: SeedName;
}

export interface SandboxOptions {
  /** Default `documented`. */
  readonly dialect?: DialectName;
  /** How `v1.1` is played. */
  readonly released?: ReleasedOptions;
  /** Users of the realm `acme` in `dev`; `prod` has about three fifths of them. Default 5,000. */
  readonly users?: number;
  /**
   * The environments' HTTP ports are this one and those that follow, their PostgreSQL ports come after those (two
   * environments: port, port + 1; port + 2, port + 3). In v1.1 an environment takes ten HTTP ports in the release's own
   * order: with 9080, the gateway is at 9080, the auth service at 9081, the Admin API at 9089. Default: free ports.
   */
  readonly port?: number;
  /** Default: `dev` and `prod`, each seeded after its name. */
  readonly environments?: readonly (string | EnvironmentSpec)[];
  /** False: every environment is as just installed, with an empty realm `master`. Default true. */
  readonly seed?: boolean;
  /** BCrypt cost of passwords and secrets that arrive through the API. Default 12, as OpenGate has it; tests take 4. */
  readonly bcryptCost?: number;
  /** Default: 300 in the documented dialect, 900 in v1.1. Fractions are allowed. */
  readonly tokenLifetimeSeconds?: number;
  /** Injects faults; the request names its environment. */
  readonly onRequest?: FaultHook;
  /** Told of failures that are the sandbox's own. Default: a line on stderr. */
  readonly onError?: (error: unknown) => void;
  /** Cancels the start. A sandbox that has started is ended with `stop()`. */
  readonly signal?: AbortSignal;
  /** The folder in which the data directories are made. Default: the system's temporary folder. */
  readonly dataDir?: string;
}

export interface Sandbox extends AsyncDisposable {
  /** Plain data, fit to be printed as JSON. */
  readonly environments: readonly SandboxEnvironment[];
  /** @throws AppError NOT_FOUND */
  environment(name: string): EnvironmentHandle;
  /** Ends every server and removes every file. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts OpenGate stand-ins on loopback ports. They end with `stop()`, and also when this process ends without calling
 * it, by whatever signal.
 *
 * @throws AppError SANDBOX_FAILED when a server cannot be started, CANCELED when the signal fires; nothing is left then
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const specs = (options.environments ?? ['dev', 'prod']).map((environment) =>
    typeof environment === 'string' ? { name: environment, seed: seedOf(environment) } : environment,
  );
  const dialect = DIALECTS[options.dialect ?? 'documented'];
  const postgresPorts = (options.port ?? 0) + specs.length * dialect.ports;
  // One that fails calls the others off.
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const started = await Promise.allSettled(
    specs.map((spec, index) =>
      startEnvironment({
        name: spec.name,
        dialect,
        released: options.released ?? {},
        seed: options.seed === false ? 'none' : spec.seed,
        users: options.users ?? 5_000,
        httpPort: options.port === undefined ? undefined : options.port + index * dialect.ports,
        postgresPort: options.port === undefined ? undefined : postgresPorts + index,
        bcryptCost: options.bcryptCost ?? 12,
        tokenLifetimeSeconds: options.tokenLifetimeSeconds,
        parentDirectory: options.dataDir,
        onRequest: options.onRequest,
        onError: options.onError ?? reportOnStderr,
        signal,
      }).catch((error: unknown) => {
        failure.abort(error);
        throw error;
      }),
    ),
  );
  const running = started.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  if (failure.signal.aborted) {
    await stopAll(running);
    throw asAppError(failure.signal.reason);
  }
  return sandboxOf(running);
}

const DIALECTS: Readonly<Record<DialectName, Dialect>> = { documented, 'v1.1': released };

function seedOf(name: string): SeedName {
  return name === 'dev' || name === 'prod' ? name : 'none';
}

function sandboxOf(running: readonly RunningEnvironment[]): Sandbox {
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= stopAll(running));
  return {
    environments: running.map((environment) => environment.facts),
    environment(name) {
      const found = running.find((environment) => environment.facts.name === name);
      if (!found) throw new AppError('NOT_FOUND', `The sandbox has no environment named ${name}.`);
      return found.handle;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function stopAll(running: readonly RunningEnvironment[]): Promise<void> {
  await Promise.all(running.map((environment) => environment.stop()));
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new AppError('SANDBOX_FAILED', `The sandbox did not start: ${detail}`, {
    notChanged: 'Nothing was left running.',
    remedy: 'If a port is taken, choose another one with --port, or none to get free ones.',
    cause: error,
  });
}

function reportOnStderr(error: unknown): void {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`OpenGate stand-in: ${detail}\n`);
}

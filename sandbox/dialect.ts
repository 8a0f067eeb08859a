import type { Databases } from './databases.ts';
import type { FaultHook } from './http/fault.ts';

/** `documented`: OpenGate as its documentation describes it. `v1.1`: release v1.1.0, as its source has it. */
export type DialectName = 'documented' | 'v1.1';

/** A way to serve the four databases over HTTP. */
export interface Dialect {
  readonly name: DialectName;
  /** How many ports in a row an environment takes, where the first is given. */
  readonly ports: number;
  start(options: DialectOptions): Promise<RunningDialect>;
}

/** How release v1.1.0 is played; the documented dialect has nothing of it. */
export interface ReleasedOptions {
  /**
   * In which order users are listed, where the release asks the database for none. `heap`: as the rows lie. `shifting`
   * (default): so, but from one call to the next a page begins up to two rows earlier or later, as it does when rows
   * before it move; a page that holds all is complete. `random`: every call has an order of its own.
   */
  readonly userOrder?: 'heap' | 'shifting' | 'random';
  /**
   * How the services say no. `bare` (default): Spring's 500 without a reason, as the release does, whose services do not
   * load their exception handler: it lies outside of the packages that they scan. `coded`: what that handler has,
   * `{"error", "message", "timestamp"}` with 400 or 404, as a build that loads it does.
   */
  readonly refusals?: 'coded' | 'bare';
  /**
   * What the realms' discovery documents give as the beginning of their addresses. The release has
   * `http://localhost:9080` built in. Default: the gateway's address, as where everything runs on one machine.
   */
  readonly advertisedUrl?: string;
}

export interface DialectOptions {
  readonly environment: string;
  readonly databases: Databases;
  readonly bcryptCost: number;
  /** Default: as the dialect has it. */
  readonly tokenLifetimeSeconds: number | undefined;
  /** Default: free ports. */
  readonly firstPort: number | undefined;
  readonly onRequest: FaultHook | undefined;
  readonly onError: (error: unknown) => void;
  readonly released: ReleasedOptions;
}

export interface ServiceAddresses {
  readonly user: string;
  readonly realm: string;
  readonly rbac: string;
  readonly client: string;
}

interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface RunningDialect {
  readonly addresses: {
    readonly apiUrl: string;
    readonly authUrl: string;
    readonly gatewayUrl: string;
    /** Where the services have addresses of their own. */
    readonly services?: ServiceAddresses;
  };
  readonly client: ClientCredentials;
  readonly limitedClient: ClientCredentials;
  issueToken(): string;
  revokeTokens(): void;
  stop(): Promise<void>;
}

import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { MessagePortMain } from 'electron';
import type { appContract } from '../../contract/app.ts';
import type { FromEngine } from '../engine/messages.ts';
import { startEngine, type EngineHost } from './engine-host.ts';

export type AppClient = ContractRouterClient<typeof appContract>;

export interface KeeperEvents {
  /** There is an engine, the first or a later one; what was connected to an earlier one is not any more. */
  readonly onReady: () => void;
  /** It ended without having been asked to; it is started again. */
  readonly onLost: () => void;
  /** It ended several times before it was ready; `retry` begins anew. */
  readonly onHopeless: (reason: string, retry: () => void) => void;
  readonly onRunning: (jobs: number) => void;
  readonly onWarning: (line: string) => void;
}

/** How long to wait before it is started again; the longest waits longest. Milliseconds. */
const WAITS = [200, 500, 1_000, 3_000, 10_000];
/** How long an engine must have lasted to count as one that works. Milliseconds. */
const STEADY_AFTER = 60_000;
/** How long an engine is waited for that is asked what runs. Milliseconds. */
const ANSWER = 1_000;
/** How much of what it wrote to its standard error is kept, for the reason of its end. Characters. */
const COMPLAINT = 2_000;

/** Keeps one engine alive until it is asked to close. No job resumes by that: a new engine only shows what was interrupted. */
export class EngineKeeper {
  readonly #args: readonly string[];
  readonly #events: KeeperEvents;
  #host: EngineHost | undefined;
  #client: AppClient | undefined;
  #ready = false;
  #failures = 0;
  #complaint = '';
  #jobs = 0;
  #again: NodeJS.Timeout | undefined;
  #steady: NodeJS.Timeout | undefined;
  #ended: (() => void) | undefined;

  constructor(args: readonly string[], events: KeeperEvents) {
    this.#args = args;
    this.#events = events;
  }

  /** Of the engine that there is now; undefined while there is none. */
  get client(): AppClient | undefined {
    return this.#client;
  }

  /**
   * Asked of the engine itself: what it tells by itself is up to a quarter of a second old, and a job that was begun in between
   * must not be ended without a question. One that does not answer is believed what it told last.
   */
  async askRunningJobs(): Promise<number> {
    const told = (): number => this.#jobs;
    const asked = this.#client?.workspace.running().then(({ jobs }) => jobs, told);
    const late = new Promise<number>((resolve) => setTimeout(() => resolve(told()), ANSWER).unref());
    return Math.max(told(), (await Promise.race([asked, late])) ?? 0);
  }

  get pid(): number | undefined {
    return this.#host?.pid;
  }

  start(): void {
    this.#complaint = '';
    this.#ready = false;
    try {
      this.#host = startEngine(this.#args, {
        onMessage: (message) => this.#hear(message),
        onComplaint: (text) => {
          process.stderr.write(text);
          this.#complaint = (this.#complaint + text).slice(-COMPLAINT);
        },
        onExit: (code) => this.#exited(code),
      });
    } catch (error) {
      this.#events.onHopeless(error instanceof Error ? error.message : String(error), () => this.start());
    }
  }

  /** A new line to it, for a window; undefined while there is none: `onReady` tells. */
  connect(): MessagePortMain | undefined {
    return this.#ready ? this.#host?.connect() : undefined;
  }

  /** Jobs are canceled and their ends journalled. Resolves when the process is gone. */
  close(): Promise<void> {
    clearTimeout(this.#again);
    clearTimeout(this.#steady);
    const host = this.#host;
    if (!host) return Promise.resolve();
    return new Promise((resolve) => {
      this.#ended = resolve;
      // One that has not come up yet has nothing open.
      if (this.#ready) host.tell({ kind: 'close' });
      else host.kill();
    });
  }

  /** Without waiting for anything: its journal tells what was done. */
  kill(): void {
    this.#host?.kill();
  }

  #hear(message: FromEngine): void {
    if (message.kind === 'ready') {
      this.#ready = true;
      this.#steady = setTimeout(() => (this.#failures = 0), STEADY_AFTER);
      this.#client = this.#ownClient();
      this.#events.onReady();
    } else if (message.kind === 'running') {
      this.#jobs = message.jobs;
      this.#events.onRunning(message.jobs);
    } else if (message.kind === 'warning') this.#events.onWarning(message.line);
    else if (message.kind === 'failed') {
      const { message: what, remedy } = message.error;
      this.#complaint = [what, remedy].filter(Boolean).join(' ');
    }
  }

  #ownClient(): AppClient | undefined {
    const port = this.#host?.connect();
    if (!port) return undefined;
    const client: AppClient = createORPCClient(new RPCLink({ port }));
    port.start();
    return client;
  }

  #exited(code: number | null): void {
    clearTimeout(this.#steady);
    this.#host = undefined;
    this.#client = undefined;
    const wasReady = this.#ready;
    this.#ready = false;
    if (this.#jobs > 0) {
      this.#jobs = 0;
      this.#events.onRunning(0);
    }
    if (this.#ended) return this.#ended();
    if (wasReady) this.#events.onLost();
    const wait = WAITS[this.#failures++];
    if (wait === undefined) {
      this.#failures = 0;
      this.#events.onHopeless(this.#complaint.trim() || `It ended with code ${code}.`, () => this.start());
    } else this.#again = setTimeout(() => this.start(), wait);
  }
}

import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { AppError } from '../../../contract/errors.ts';
import { watchAbort } from './abort-watch.ts';
import { Pace } from './pace.ts';

/** An answer that was read to its end, or as far as it was allowed to go. */
export interface ReadToEnd {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** There was more than was allowed: the rest was dropped, with the connection. */
  readonly cut: boolean;
}

export interface ReadingLimits {
  /** Bytes of the body, at most, by the status. */
  readonly bytes: (status: number) => number;
  /** Milliseconds, for the call with its whole answer. */
  readonly withinMs: number;
  /** Milliseconds without a byte, or with as good as none. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request and reads its answer, without the streams and signals that one call would not need: tens of thousands
 * are made one after the other.
 *
 * @throws what the dispatcher throws; the signal's reason; AppError TIMEOUT
 */
export async function readToEnd(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: ReadingLimits,
): Promise<ReadToEnd> {
  limits.signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Reading(limits, resolve, reject));
  });
}

class Reading implements Dispatcher.DispatchHandler {
  readonly #limits: ReadingLimits;
  readonly #resolve: (answer: ReadToEnd) => void;
  readonly #reject: (error: unknown) => void;
  readonly #unwatch: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #pace: Pace;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #size = 0;
  #over = false;
  /** Why it was given up, where it was. */
  #error: Error | undefined;

  constructor(limits: ReadingLimits, resolve: (answer: ReadToEnd) => void, reject: (error: unknown) => void) {
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#pace = new Pace(limits.idleMs);
    this.#timer = setTimeout(() => this.#end(notFinished(limits.withinMs)), limits.withinMs);
    this.#unwatch = watchAbort(limits.signal, () => this.#end(asError(limits.signal.reason)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#error) controller.abort(this.#error);
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
    this.#pace.resume();
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const error = this.#pace.check(chunk.length);
    this.#pace.resume();
    if (error) return this.#end(error);
    if (this.#size <= this.#limits.bytes(this.#status)) return;
    this.#settle(true);
    this.#controller?.abort(new Error('more than is read'));
  }

  onResponseEnd(): void {
    this.#settle(false);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  #settle(cut: boolean): void {
    if (this.#over) return;
    this.#leave();
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const limit = this.#limits.bytes(this.#status);
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      text: all.toString('utf8', 0, Math.min(all.length, limit)),
      cut,
    });
  }

  #end(error: Error): void {
    if (this.#over) return;
    this.#error = error;
    this.#leave();
    this.#reject(error);
    this.#controller?.abort(error);
  }

  #leave(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

function notFinished(withinMs: number): AppError {
  return new AppError('TIMEOUT', `A call was not finished after ${withinMs / 1000} s.`, {
    remedy: 'Look whether the server is overloaded; then try again.',
    details: { outcome: 'unknown', transient: false },
  });
}

import type { Interruption, InterruptingSignal } from './interruption.ts';

/** A terminal, npm and a shell may each pass the same Ctrl-C on: within this time they count as one. */
const SAME_PRESS_MILLISECONDS = 400;

/** Of the process, what listening to signals takes. */
export interface SignalSource {
  on(signal: InterruptingSignal | 'disconnect', listener: () => void): unknown;
  /** Whether the process that handed over to this one is there; undefined where none did. */
  readonly connected?: boolean;
  readonly channel?: { unref(): void } | null | undefined;
  exit(code: number): void;
}

/**
 * The first signal asks for a clean end, the second is answered, the third ends the process at once. Where another process
 * handed over to this one, its death is the first signal.
 *
 * @param now milliseconds, ever rising
 */
export function listenForSignals(
  source: SignalSource,
  interruption: Interruption,
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): void {
  let times = 0;
  let last = -Infinity;
  const listen = (signal: InterruptingSignal, exitCode: number): void => {
    source.on(signal, () => {
      const at = now();
      if (at - last < SAME_PRESS_MILLISECONDS) return;
      last = at;
      times += 1;
      if (times === 1) {
        say('Stopping cleanly …');
        interruption.raise(signal);
      } else if (times === 2) {
        say('Still writing down how far it came. Once more ends it at once, and leaves that open.');
      } else {
        source.exit(exitCode);
      }
    });
  };
  listen('SIGINT', 130);
  listen('SIGTERM', 143);

  const parentIsGone = (): void => {
    if (times > 0) return;
    times = 1;
    say('Whoever started this is gone. Stopping cleanly …');
    interruption.raise('SIGTERM');
  };
  if (source.connected === false) parentIsGone();
  source.on('disconnect', parentIsGone);
  // Whoever listens to it would be kept alive by it.
  source.channel?.unref();
}

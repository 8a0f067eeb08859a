import type { Interruption, InterruptingSignal } from './interruption.ts';

/** A terminal, npm and a shell may each pass the same Ctrl-C on: within this time they count as one. */
const SAME_PRESS_MILLISECONDS = 400;

/** Of the process, what listening to signals takes. */
export interface SignalSource {
  on(signal: InterruptingSignal, listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * The first signal asks for a clean end, the second is answered, the third ends the process at once.
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
}

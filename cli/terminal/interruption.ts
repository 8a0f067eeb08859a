export type InterruptingSignal = 'SIGINT' | 'SIGTERM';

/** Whether somebody asked the program to stop. Its `signal` fires once; what runs is then ended cleanly. */
export class Interruption {
  private readonly controller = new AbortController();
  private by: InterruptingSignal | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** What asked first. */
  get name(): InterruptingSignal | undefined {
    return this.by;
  }

  raise(name: InterruptingSignal): void {
    this.by ??= name;
    this.controller.abort(name);
  }
}

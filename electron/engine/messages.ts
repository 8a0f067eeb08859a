import type { ErrorView } from '../../contract/job.ts';

/** What the main process says to the engine's process. A port's messages go through it only where no port can be handed over. */
export type ToEngine =
  /** A new line to a window, or to the main process itself; the port comes with it, or its messages do. */
  | { readonly kind: 'port'; readonly id: number }
  | { readonly kind: 'data'; readonly id: number; readonly data: unknown }
  | { readonly kind: 'hang-up'; readonly id: number }
  /** Cancel what runs, journal its end, close the catalog, and exit. */
  | { readonly kind: 'close' };

export type FromEngine =
  | { readonly kind: 'ready' }
  /** It could not be started at all, and exits. */
  | { readonly kind: 'failed'; readonly error: ErrorView }
  /** How many jobs it runs; told when they are others than before. */
  | { readonly kind: 'running'; readonly jobs: number }
  /** What no window is there to be told, as a sentence. */
  | { readonly kind: 'warning'; readonly line: string }
  | { readonly kind: 'data'; readonly id: number; readonly data: unknown };

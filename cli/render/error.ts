import type { ErrorView } from '../../contract/job.ts';
import type { Telling } from '../io.ts';
import { asCalled } from './as-called.ts';
import { visibleLines } from './visible.ts';

/** What happened, with its code (“drawbridge help <code>” says more), what was not changed, what to do: as sentences. */
export function errorLines(error: ErrorView, { paint, self }: Pick<Telling, 'paint' | 'self'>): string[] {
  const told = (text: string): string => visibleLines(asCalled(text, self));
  return [
    // Somebody wanted it to stop: that is no error, and the message says that it did.
    `${error.code === 'CANCELED' ? '' : `${paint.red(`Error (${error.code}):`)} `}${told(error.message)}`,
    ...(error.notChanged === '' ? [] : [`${paint.bold('Not changed:')} ${told(error.notChanged)}`]),
    ...(error.remedy === '' ? [] : [`${paint.bold('What to do:')} ${told(error.remedy)}`]),
  ];
}

export function errorDocument({ code, message, notChanged, remedy, details }: ErrorView): ErrorDocument {
  return {
    error: { code, message, notChanged, remedy, ...(Object.keys(details).length === 0 ? {} : { details }) },
  };
}

export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly notChanged: string;
    readonly remedy: string;
    readonly details?: Record<string, unknown>;
  };
}

import type { ErrorView } from '../../contract/job.ts';
import type { Paint } from '../terminal/paint.ts';
import { visibleLines } from './visible.ts';

/** What happened, with its code (“drawbridge help <code>” says more), what was not changed, what to do: as sentences. */
export function errorLines(error: ErrorView, paint: Paint): string[] {
  return [
    // Somebody wanted it to stop: that is no error, and the message says that it did.
    `${error.code === 'CANCELED' ? '' : `${paint.red(`Error (${error.code}):`)} `}${visibleLines(error.message)}`,
    ...(error.notChanged === '' ? [] : [`${paint.bold('Not changed:')} ${visibleLines(error.notChanged)}`]),
    ...(error.remedy === '' ? [] : [`${paint.bold('What to do:')} ${visibleLines(error.remedy)}`]),
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

import { AppError } from '../../contract/errors.ts';
import { isFileSource, latestOf, liveOf } from '../../contract/source-form.ts';

/** What a person named as the source of a comparison or a plan. */
export type Source =
  | { readonly kind: 'snapshot'; readonly id: string }
  | { readonly kind: 'latest'; readonly environment: string; readonly realm: string }
  | { readonly kind: 'live'; readonly environment: string; readonly realm: string }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Tells the four forms apart by their shape alone. A known environment's name before a slash means that environment; a
 * relative path of the same shape needs "./" in front.
 *
 * @throws AppError USAGE when the text has none of the forms, naming all of them
 */
export function parseSource(text: string, isEnvironment: (name: string) => boolean): Source {
  const latest = latestOf(text);
  if (latest) return { kind: 'latest', ...latest };
  if (isFileSource(text)) return { kind: 'file', path: text };
  const live = liveOf(text);
  if (live && isEnvironment(live.environment)) return { kind: 'live', ...live };
  if (/^[a-z0-9]+$/i.test(text)) return { kind: 'snapshot', id: text };
  throw new AppError(
    'USAGE',
    live
      ? `“${text}” names no known environment: there is none called “${live.environment}”.`
      : `“${text}” is not a source.`,
    {
      notChanged: 'Nothing was read.',
      remedy:
        'A source is a snapshot id, latest:<environment>/<realm>, <environment>/<realm> (read now), or a file (./name.json).',
    },
  );
}

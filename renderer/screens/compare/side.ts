import { latestOf, liveOf } from '../../../contract/source-form.ts';

/** One of the two sides of a comparison, as it is chosen. */
export type Side =
  | { readonly kind: 'snapshot'; readonly id: string | null }
  | { readonly kind: 'latest'; readonly place: string | null }
  | { readonly kind: 'live'; readonly environment: string | null; readonly realm: string | null }
  | { readonly kind: 'file'; readonly path: string };

/** A source, as the command line takes it. */
export function sourceOf(side: Side): string {
  switch (side.kind) {
    case 'snapshot':
      return side.id ?? '';
    case 'latest':
      return `latest:${side.place ?? ''}`;
    case 'live':
      return `${side.environment ?? ''}/${side.realm ?? ''}`;
    case 'file':
      return asPath(side.path.trim());
  }
}

/** A name alone could be taken for a snapshot's id, and a folder with a name for an environment's realm. */
function asPath(path: string): string {
  return /^(?:\.{0,2}[/\\]|[A-Za-z]:[/\\]|~\/)/.test(path) ? path : `./${path}`;
}

/** The side that a source names, by its form: what `sourceOf` says comes back as what it was. */
export function sideOf(source: string | undefined): Side {
  if (source === undefined || source === '') return { kind: 'snapshot', id: null };
  if (/^[a-z0-9]+$/i.test(source)) return { kind: 'snapshot', id: source };
  const latest = latestOf(source);
  if (latest) return { kind: 'latest', place: `${latest.environment}/${latest.realm}` };
  const live = liveOf(source);
  return live ? { kind: 'live', ...live } : { kind: 'file', path: source };
}

export function isComplete(side: Side): boolean {
  switch (side.kind) {
    case 'snapshot':
      return side.id !== null;
    case 'latest':
      return side.place !== null;
    case 'live':
      return side.environment !== null && side.realm !== null;
    case 'file':
      return side.path.trim() !== '';
  }
}

/** It is in the catalog: nothing else is read for it. */
export function isStored(side: Side): boolean {
  return (side.kind === 'snapshot' || side.kind === 'latest') && isComplete(side);
}

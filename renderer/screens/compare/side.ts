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

export function kindOf(source: string | undefined): Side {
  if (source === undefined || source === '') return { kind: 'snapshot', id: null };
  if (source.startsWith('latest:')) return { kind: 'latest', place: source.slice('latest:'.length) };
  if (/^[a-z0-9]+$/i.test(source)) return { kind: 'snapshot', id: source };
  const live = /^([a-z0-9][a-z0-9-]*)\/([a-z0-9-]+)$/.exec(source);
  if (live) return { kind: 'live', environment: live[1]!, realm: live[2]! };
  return { kind: 'file', path: source };
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

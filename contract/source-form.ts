/** A realm of an environment, as a source names it. */
export interface NamedRealm {
  readonly environment: string;
  readonly realm: string;
}

const LATEST = /^latest:([^/]+)\/(.+)$/;
const LIVE = /^([a-z0-9][a-z0-9-]*)\/([a-z0-9-]+)$/;

/** Of which realm the newest whole snapshot is meant, by `latest:<environment>/<realm>`; undefined: another source is. */
export function latestOf(text: string): NamedRealm | undefined {
  return namedBy(LATEST, text);
}

/** Which realm is meant as it is now, by `<environment>/<realm>`, if there is such an environment; undefined: another source is. */
export function liveOf(text: string): NamedRealm | undefined {
  return namedBy(LIVE, text);
}

function namedBy(form: RegExp, text: string): NamedRealm | undefined {
  const found = form.exec(text);
  return found ? { environment: found[1]!, realm: found[2]! } : undefined;
}

const PATH = /^(?:\.{0,2}[/\\]|[A-Za-z]:[/\\]|~\/)|\.(?:json|ndjson)$/i;

/** Whether what a person named as a source is a file, by its form alone: "./acme.json", "C:\acme.json", "config/acme.json". */
export function isFileSource(text: string): boolean {
  return PATH.test(text);
}

const PATH = /^(?:\.{0,2}[/\\]|[A-Za-z]:[/\\]|~\/)|\.(?:json|ndjson)$/i;

/** Whether what a person named as a source is a file, by its form alone: "./acme.json", "C:\acme.json", "config/acme.json". */
export function isFileSource(text: string): boolean {
  return PATH.test(text);
}

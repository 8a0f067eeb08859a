import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/dependencies.md'), 'utf8');

export type Row = readonly [name: string, ...cells: string[]];

/** The rows of docs/dependencies.md that begin with a package's name, under a heading, or under one within it. */
export function tableRows(heading: string, within?: string): Row[] {
  const chapter = part(page, `## ${heading}`, /^## /m);
  const text = within === undefined ? chapter : part(chapter, `### ${within}`, /^### /m);
  return [...text.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, name, cells]) => [
    name!,
    ...cells!.split(' | '),
  ]);
}

function part(text: string, heading: string, next: RegExp): string {
  const from = text.indexOf(`${heading}\n`);
  if (from < 0) throw new Error(`docs/dependencies.md has no “${heading}”.`);
  const rest = text.slice(from + heading.length);
  const end = next.exec(rest)?.index;
  return rest.slice(0, end);
}

import { createHash } from 'node:crypto';
import type { JobView } from '../../contract/job.ts';
import { instant, seconds } from '../../contract/numbers.ts';
import { HTML_STYLE } from './html-style.ts';
import { millisecondsOf } from './job-results.ts';
import { escaped } from './markup.ts';
import type { Cell, Column, Part, Table, TintedCell } from './part.ts';
import { reportParts } from './report-parts.ts';
import type { ReportSource } from './report-source.ts';

/** Nothing may be loaded or run, and no style but ours: also where data that got past `escaped` asked for it. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(HTML_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** One HTML file that needs nothing else, and no script: for reading, printing and keeping. */
export async function* htmlReport(source: ReportSource): AsyncGenerator<string> {
  const { job } = source.report;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(`Drawbridge report ${job.id}: ${job.title}`)}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
<main>
`;
  yield heading(job);
  for (const part of reportParts(source)) yield* partMarkup(part);
  yield `</main>\n<footer>Job ${escaped(job.id)}. Times are UTC. This report holds no password, no hash and no secret; it does hold names.</footer>\n</body>\n</html>\n`;
}

const STATES: Readonly<Record<JobView['state'], TintedCell>> = {
  queued: { text: 'queued', tint: 'quiet' },
  running: { text: 'running', tint: 'warning' },
  canceling: { text: 'being canceled', tint: 'warning' },
  canceled: { text: 'canceled', tint: 'warning' },
  succeeded: { text: 'succeeded', tint: 'good' },
  succeeded_with_errors: { text: 'finished with errors', tint: 'warning' },
  failed: { text: 'failed', tint: 'bad' },
  interrupted: { text: 'interrupted', tint: 'bad' },
};

function heading(job: JobView): string {
  const took = millisecondsOf(job);
  const times = [
    `begun ${instant(job.startedAt ?? job.createdAt)}`,
    ...(job.finishedAt === undefined ? [] : [`ended ${instant(job.finishedAt)}`]),
    ...(took === undefined ? [] : [`took ${seconds(took)}`]),
  ];
  const state =
    job.written?.state === 'part' ? { text: 'half written', tint: 'bad' as const } : STATES[job.state];
  return `<header>
<p class="brand">Drawbridge</p>
<h1>${escaped(job.title)}</h1>
<p><strong class="state ${state.tint}">${state.text}</strong> <span class="times">${escaped(times.join(', '))}</span></p>
</header>
`;
}

async function* partMarkup(part: Part): AsyncGenerator<string> {
  const { title, tint = 'plain', paragraphs = [], list = [], facts = [], table } = part;
  if (paragraphs.length === 0 && list.length === 0 && facts.length === 0 && !table) return;
  yield `<section class="${tint}">\n<h2>${escaped(title)}</h2>\n`;
  for (const text of paragraphs) yield `<p class="text">${escaped(text)}</p>\n`;
  if (list.length > 0)
    yield `<ul>\n${list.map((text) => `<li class="text">${escaped(text)}</li>\n`).join('')}</ul>\n`;
  if (facts.length > 0)
    yield `<dl>\n${facts.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>\n`).join('')}</dl>\n`;
  if (table) yield* tableMarkup(table);
  yield '</section>\n';
}

async function* tableMarkup({ columns, rows, after }: Table): AsyncGenerator<string> {
  let any = false;
  for await (const batch of rows) {
    if (batch.length === 0) continue;
    if (!any)
      yield `<div class="table"><table>\n<thead><tr>${columns.map(head).join('')}</tr></thead>\n<tbody>\n`;
    any = true;
    yield batch
      .map((row) => `<tr>${row.map((cell, at) => cellMarkup(cell, columns[at])).join('')}</tr>\n`)
      .join('');
  }
  yield any ? '</tbody>\n</table></div>\n' : '<p class="none">None.</p>\n';
  const words = after?.();
  if (words !== undefined) yield `<p class="text">${escaped(words)}</p>\n`;
}

function head({ title, align }: Column): string {
  return `<th scope="col"${align ? ' class="right"' : ''}>${escaped(title)}</th>`;
}

function cellMarkup(cell: Cell, column: Column | undefined): string {
  const right = column?.align ? ' class="right"' : '';
  if (typeof cell === 'string') {
    const text = escaped(cell);
    return `<td${right}>${cell.length > LONG ? `<div class="long">${text}</div>` : text}</td>`;
  }
  return `<td${right}><span class="${cell.tint}">${escaped(cell.text)}</span></td>`;
}

/** A name of ten thousand characters must not push everything else off the page. In print it is whole. */
const LONG = 400;

import { Option, type Command } from 'commander';
import { AppError, errorView } from '../../contract/errors.ts';
import { asAppError } from '../../contract/wire.ts';
import { REPORT_FORMATS } from '../../contract/report.ts';
import type { Kept } from '../../core/engine/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io, Telling } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { keptFiles, refuseKeptFile } from '../kept-files.ts';
import {
  failureHead,
  failureLines,
  jobLines,
  jobListLines,
  reportLines,
  secretLines,
  stepLines,
} from '../render/job.ts';
import { bytes } from '../render/numbers.ts';
import { itemTexts } from '../render/report-items.ts';
import { undoCommand } from '../render/undo.ts';
import { quoted, visibleLines } from '../render/visible.ts';
import { paintFor } from '../terminal/paint.ts';
import { meantId, wholeNumber } from './arguments.ts';
import { endingOf } from './job-ending.ts';
import { registerJobControl } from './job-control.ts';
import { isStandardOutput, requireStandardOutput } from './standard-output.ts';
import { examples } from './examples.ts';

const FORMATS = ['text', ...REPORT_FORMATS] as const;
type Format = (typeof FORMATS)[number];

interface ReportFlags {
  readonly format?: Format;
  readonly out?: string;
  readonly replace?: boolean;
}

export function registerJob(program: Command, host: Host): void {
  const job = program
    .command('job')
    .summary('what was done, and how it went')
    .description('Every backup, plan, apply and check is a job with a journal.');
  examples(job, ['drawbridge job list', 'drawbridge job report pyz8c5h5']);

  const list = job
    .command('list')
    .summary('list jobs, the newest first')
    .description('Lists the jobs, the newest first.')
    .option('--limit <n>', 'how many', wholeNumber(1, 1000), 50)
    .action((flags: { limit: number }) =>
      host.runWithEngine(list, 'existing', (io, client) => listJobs(io, client, flags.limit)),
    );
  examples(list, ['drawbridge job list --limit 10']);

  const show = job
    .command('show')
    .argument('<job>', 'id, or the beginning of one')
    .summary('show a job')
    .description('Shows a job: its state, how far it is, and what stopped it.')
    .action((id: string) => host.runWithEngine(show, 'existing', (io, client) => showJob(io, client, id)));
  examples(show, ['drawbridge job show pyz8c5h5']);

  const report = job
    .command('report')
    .argument('<job>', 'id, or the beginning of one')
    .summary('the whole report of a job')
    .description(
      'Prints everything that is known of a job, of whatever kind: what was asked, what the preview promised, what became of each record, what was verified, what a person must do now, every step. No secret is in it. The HTML is one file that can be printed; JUnit’s XML is for pipelines.',
    )
    .addOption(
      new Option(
        '--format <format>',
        'how to write it; by default as the file’s ending says, else as text',
      ).choices(FORMATS),
    )
    .option('--out <file>', 'write it to this file (only its owner may read it); - for standard output')
    .option('--replace', 'replace the file if it is there')
    .action((id: string, flags: ReportFlags) =>
      host.runWithEngine(report, 'existing', (io, client) =>
        reportJob(io, client, id, { ...flags, kept: keptFiles(report, host.surroundings) }),
      ),
    );
  examples(report, [
    'drawbridge job report pyz8c5h5',
    'drawbridge job report pyz8c5h5 --out report.html',
    'drawbridge job report pyz8c5h5 --format junit --out drawbridge-junit.xml --replace',
    'drawbridge job report pyz8c5h5 --format csv > report.csv',
  ]);

  registerJobControl(job, host);
  registerSecrets(job, host);
}

function registerSecrets(job: Command, host: Host): void {
  const secrets = job
    .command('secrets')
    .argument('<job>', 'id, or at least 4 characters of one', meantId)
    .summary('show new client secrets, once')
    .description(
      'Shows the secrets of clients to which the server gave a new id and a new secret in this job (--issued-clients create), and forgets them when all of it was written: they are shown once, and kept nowhere afterwards. With --json as well. Whatever reads the output, let it read all of it.',
    )
    .action((id: string) =>
      host.runWithEngine(secrets, 'existing', (io, client) => showSecrets(io, client, id)),
    );
  examples(secrets, ['drawbridge job secrets pyz8c5h5']);
}

async function showSecrets(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const { job, secrets } = await client.jobs.secrets({ job: id });
  io.result({ job, secrets }, () => secretLines(secrets, io.paint));
  if (secrets.length === 0) return EXIT.done;
  // Forgotten only when they are where they were to go: a full disk, or a reader that went away, must not cost them.
  const undelivered = await io.undelivered();
  if (undelivered)
    throw new AppError('FILE_FAILED', `Not all secrets could be written: ${undelivered.message}.`, {
      notChanged: 'None was forgotten.',
      remedy: `Show them again where they can be read: ${io.self} job secrets ${job}.`,
      cause: undelivered,
    });
  await client.jobs.forgetSecrets({ job });
  return EXIT.done;
}

export async function listJobs(io: Io, client: EngineClient, limit: number): Promise<ExitCode> {
  const jobs = await client.jobs.list({ limit });
  io.result({ jobs }, () => jobListLines(jobs, io));
  return EXIT.done;
}

export async function showJob(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const report = await client.jobs.report({ job: id });
  const { job, steps } = report;
  const { error, exitCode } = endingOf(io, report);
  const shown = {
    ...job,
    ...(error && { error: errorView(error) }),
    ...(exitCode !== undefined && { exitCode }),
  };
  io.result({ job: shown }, () => [
    ...jobLines(job, io, { undo: undoCommand(io, job, steps), error, exitCode }),
    ...(error && !error.remedy.includes('job report') ? [`See: ${io.self} job report ${job.id}`] : []),
  ]);
  return EXIT.done;
}

export async function reportJob(
  io: Io,
  client: EngineClient,
  id: string,
  flags: ReportFlags & { readonly kept: Kept },
): Promise<ExitCode> {
  const { out, replace = false, kept } = flags;
  if (isStandardOutput(out) && replace) requireStandardOutput(io, { binary: false, replace });
  const format = formatOf(io, flags);
  if (out !== undefined && !isStandardOutput(out)) {
    if (format === undefined) throw noForm(out);
    await refuseKeptFile(out, kept);
    const saved =
      format === 'text'
        ? await saveTextReport(io, client, id, { path: out, replace, kept })
        : await client.jobs.saveReport({ job: id, format, path: out, replace });
    io.result({ job: id, format, ...saved }, () => [`Wrote ${quoted(saved.path)} (${bytes(saved.bytes)}).`]);
    return EXIT.done;
  }
  if (replace) throw replacesNothing();
  const pieces =
    format === undefined || format === 'text'
      ? textReport(io, client, id)
      : await client.jobs.reportText({ job: id, format });
  for await (const piece of pieces) await io.piece(piece);
  return EXIT.done;
}

const ENDINGS: Readonly<Record<string, Format>> = {
  txt: 'text',
  html: 'html',
  htm: 'html',
  json: 'json',
  csv: 'csv',
  xml: 'junit',
};

/**
 * With `--json` standard output is JSON whatever else is asked; a file has the form that was asked, or that it is named by.
 *
 * @returns undefined of a file where neither says it
 */
function formatOf(io: Io, { format, out }: ReportFlags): Format | undefined {
  if (out === undefined || isStandardOutput(out)) return io.json ? 'json' : (format ?? 'text');
  return format ?? ENDINGS[/\.(\w+)$/.exec(out)?.[1]?.toLowerCase() ?? ''];
}

/** In pieces: a job on a million records has thousands of steps. */
async function* textReport(io: Telling, client: EngineClient, id: string): AsyncGenerator<string> {
  const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const report = await client.jobs.report({ job: id });
  yield text(reportLines(report, io));
  for await (const steps of await client.jobs.steps({ job: report.job.id })) yield text(stepLines(steps));
  if (report.failureCount > 0) yield text([failureHead(report.failureCount, io.paint)]);
  for await (const failures of await client.jobs.failures({ job: report.job.id }))
    yield text(failureLines(failures));
  if (!report.plan) return;
  try {
    yield* itemTexts(await client.jobs.items({ job: report.job.id }), io.paint);
  } catch (error) {
    const { code, message } = asAppError(error);
    if (code === 'CANCELED' || code === 'INTERNAL') throw error;
    // A snapshot that is gone since is no reason to withhold the rest.
    yield text(['', visibleLines(`The records of the plan cannot be listed any more: ${message}`)]);
    return;
  }
  yield text(['', `Single records: ${io.self} job report ${report.job.id} --format csv`]);
}

/** As on a terminal, but without colours. */
async function saveTextReport(
  { self, keepsJobs, interruption }: Io,
  client: EngineClient,
  id: string,
  place: { readonly path: string; readonly replace: boolean; readonly kept: Kept },
): Promise<{ path: string; bytes: number }> {
  const { saveText } = await import('../../core/engine/index.ts');
  const text = textReport({ self, keepsJobs, paint: paintFor({}, {}) }, client, id);
  return { path: place.path, bytes: await saveText(place, text, interruption.signal) };
}

function noForm(out: string): AppError {
  return new AppError('USAGE', `How to write ${quoted(out)} is not said.`, {
    notChanged: 'No file was written.',
    remedy: `Give --format ${FORMATS.join(', ')}, or a name that ends in .txt, .html, .json, .csv or .xml (JUnit).`,
  });
}

function replacesNothing(): AppError {
  return new AppError('USAGE', '--replace is given without --out.', {
    notChanged: 'No file was written.',
    remedy: 'Name the file to replace: --out report.html --replace.',
  });
}

import { Option, type Command } from 'commander';
import type { JobReport } from '../../contract/job.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Host } from '../host.ts';
import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { csv } from '../render/csv.ts';
import {
  type ItemFailure,
  failureRow,
  jobLines,
  jobListLines,
  reportLines,
  secretLines,
  reportRows,
} from '../render/job.ts';
import { undoCommand } from '../render/undo.ts';
import { visibleJson } from '../render/visible.ts';
import { wholeNumber } from './arguments.ts';
import { registerJobControl } from './job-control.ts';
import { examples } from './examples.ts';

const FORMATS = ['text', 'json', 'csv'] as const;

export function registerJob(program: Command, host: Host): void {
  const job = program
    .command('job')
    .summary('what was done, and how it went')
    .description('Every backup, plan, apply and check is a job with a journal.');
  examples(job, ['drawbridge job list', 'drawbridge job report 5c2e90']);

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
  examples(show, ['drawbridge job show 5c2e90']);

  const report = job
    .command('report')
    .argument('<job>', 'id, or the beginning of one')
    .summary('the whole report of a job')
    .description(
      'Prints everything that is known of a job: its plan, every step, every record that failed, every deviation.',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(FORMATS).default('text'))
    .action((id: string, flags: { format: (typeof FORMATS)[number] }) =>
      host.runWithEngine(report, 'existing', (io, client) => reportJob(io, client, id, flags.format)),
    );
  examples(report, [
    'drawbridge job report 5c2e90',
    'drawbridge job report 5c2e90 --format csv > report.csv',
  ]);

  registerJobControl(job, host);
  registerSecrets(job, host);
}

function registerSecrets(job: Command, host: Host): void {
  const secrets = job
    .command('secrets')
    .argument('<job>', 'id, or the beginning of one')
    .summary('show new client secrets, once')
    .description(
      'Shows the secrets of clients to which the server gave a new id and a new secret in this job (--issued-clients create), and forgets them: they are shown once, and kept nowhere afterwards. With --json as well.',
    )
    .action((id: string) =>
      host.runWithEngine(secrets, 'existing', (io, client) => showSecrets(io, client, id)),
    );
  examples(secrets, ['drawbridge job secrets 5c2e90']);
}

async function showSecrets(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const { job, secrets } = await client.jobs.secrets({ job: id });
  io.result({ job, secrets }, () => secretLines(secrets, io.paint));
  return EXIT.done;
}

export async function listJobs(io: Io, client: EngineClient, limit: number): Promise<ExitCode> {
  const jobs = await client.jobs.list({ limit });
  io.result({ jobs }, () => jobListLines(jobs, io));
  return EXIT.done;
}

export async function showJob(io: Io, client: EngineClient, id: string): Promise<ExitCode> {
  const { job, steps } = await client.jobs.report({ job: id });
  io.result({ job }, () => jobLines(job, io, undoCommand(io, job, steps)));
  return EXIT.done;
}

export async function reportJob(
  io: Io,
  client: EngineClient,
  id: string,
  format: (typeof FORMATS)[number],
): Promise<ExitCode> {
  const report = await client.jobs.report({ job: id });
  const failures = await client.jobs.failures({ job: report.job.id });
  if (io.json || format === 'json') await writeJson(io, report, failures);
  else if (format === 'csv') await writeCsv(io, report, failures);
  else io.print(reportLines(report, io));
  return EXIT.done;
}

/** In pieces: a job on a million records may have as many failures. */
async function writeJson(io: Io, report: JobReport, batches: AsyncIterable<ItemFailure[]>): Promise<void> {
  const { failures: _first, ...rest } = report;
  await io.piece(`${visibleJson(rest).slice(0, -1)},"failures":[`);
  let separator = '';
  for await (const failures of batches) {
    if (failures.length === 0) continue;
    await io.piece(separator + failures.map(visibleJson).join(','));
    separator = ',';
  }
  await io.piece(']}\n');
}

async function writeCsv(io: Io, report: JobReport, batches: AsyncIterable<ItemFailure[]>): Promise<void> {
  await io.piece(csv(reportRows(report)));
  for await (const failures of batches) await io.piece(csv(failures.map(failureRow)));
}

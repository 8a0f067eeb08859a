import type { JobReport, JobView } from '../../../contract/job.ts';
import type { ReportItem } from '../../../contract/report.ts';
import type { ReportSource } from '../report-source.ts';

const NOW = '2026-03-04T05:06:07.000Z';

/** A report as it is told, with these items. */
export function sourceOf(report: JobReport, items: readonly ReportItem[] = []): ReportSource {
  return {
    report,
    steps: () => batchesOf(report.steps),
    failures: () => batchesOf(report.failures),
    items: () => batchesOf(items),
  };
}

/** A report of a job, in its least form. */
export function reportOf(job: Partial<JobView>, more: Partial<JobReport> = {}): JobReport {
  return {
    job: {
      id: 'job1',
      kind: 'apply',
      state: 'succeeded',
      title: 'Apply plan plan1: acme → prod/acme',
      createdAt: NOW,
      startedAt: NOW,
      finishedAt: '2026-03-04T05:07:09.500Z',
      attempts: 1,
      resumable: false,
      ...job,
    },
    asked: {},
    steps: [],
    stepCount: more.steps?.length ?? 0,
    failures: [],
    failureCount: more.failures?.length ?? 0,
    ...more,
  };
}

/** So many batches of a thousand each, made as they are read. */
export async function* manyOf<T>(count: number, make: (at: number) => T): AsyncGenerator<T[]> {
  for (let start = 0; start < count; start += 1000)
    yield Array.from({ length: Math.min(1000, count - start) }, (_, at) => make(start + at));
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

async function* batchesOf<T>(values: readonly T[]): AsyncGenerator<readonly T[]> {
  if (values.length > 0) yield values;
}

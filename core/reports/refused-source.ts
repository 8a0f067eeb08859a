import type { RefusedWork } from '../../contract/report.ts';
import type { ReportSource } from './report-source.ts';

/** What was refused before a job began, as a job that failed without having done anything. */
export function refusedSource(refused: RefusedWork, now: Date): ReportSource {
  const { kind, title, startedAt, error } = refused;
  const times = { createdAt: startedAt, startedAt, finishedAt: now.toISOString() };
  return {
    report: {
      job: { id: '', kind, title, state: 'failed', ...times, attempts: 1, resumable: false, error },
      asked: {},
      steps: [],
      stepCount: 0,
      failures: [],
      failureCount: 0,
    },
    steps: nothing,
    failures: nothing,
    items: nothing,
  };
}

async function* nothing(): AsyncGenerator<never> {}

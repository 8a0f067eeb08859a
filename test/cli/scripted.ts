import { runCommandLine } from '../../cli/program.ts';
import type { ApplyResult, JobReport, JobResult, JobView } from '../../contract/job.ts';
import type { PlanItemView, PlanView } from '../../contract/plan.ts';
import type { ReportFormat } from '../../contract/report.ts';
import type { FailedRun } from '../../contract/schedule.ts';
import type { Engine } from '../../core/engine/index.ts';
import { renderReport } from '../../core/reports/render-report.ts';
import { reportOf, sourceOf } from '../../core/reports/testing/sources.ts';
import { captured, type Captured } from './captured.ts';

export const NOW = '2026-03-04T05:06:07.000Z';

export const PLAN: PlanView = {
  plan: 'plan1',
  createdAt: NOW,
  applied: false,
  source: { snapshot: 'snap1', realm: 'acme', environment: 'dev' },
  target: { environment: 'prod', stage: 'production', realm: 'acme', exists: true, snapshot: 'snap2' },
  mode: 'merge',
  destructive: false,
  blocked: false,
  empty: false,
  losses: { users: 0, passwordHashes: 0, clientSecrets: 0, sessions: 0, records: {} },
  sections: {},
  cannotSet: [],
  warnings: [],
  policy: {},
};

export const RESULT: ApplyResult = {
  status: 'succeeded',
  environment: 'prod',
  realm: 'acme',
  plan: 'plan1',
  verified: true,
  counts: { create: 1000, update: 2, delete: 0, skip: 0, unchanged: 0, failed: 0, retries: 0 },
  failures: 0,
  deviations: [],
  deviationCount: 0,
  safetySnapshot: 'snap3',
  verificationSnapshot: 'snap4',
  todo: [],
};

interface Script {
  readonly words?: string[];
  readonly report?: Partial<JobReport>;
  /** What a `rollback-plan` job comes to. */
  readonly rollback?: Partial<PlanView>;
  readonly conflicts?: PlanItemView[];
  /** Jobs that have left a realm half written. */
  readonly halfWritten?: Partial<JobView>[];
  /** Runs of schedules that failed. */
  readonly failedRuns?: FailedRun[];
}

/** The command line over an engine whose one job ends as it is told here: outcomes that are hard to come by for real. */
export async function applyEndingAs(
  end: Partial<JobView>,
  {
    words = ['apply', 'plan1'],
    report = {},
    rollback,
    conflicts = [],
    halfWritten = [],
    failedRuns = [],
  }: Script = {},
): Promise<{ code: number; around: Captured }> {
  const job: JobView = {
    id: 'job1',
    kind: 'apply',
    title: 'Apply',
    createdAt: NOW,
    state: 'running',
    attempts: 1,
    resumable: false,
  };
  const ended: JobView = { ...job, startedAt: NOW, finishedAt: NOW, ...end };
  const whole = reportOf(ended, report);
  const client = {
    environments: { list: async () => [] },
    schedules: { failures: async () => failedRuns },
    plans: { get: async () => PLAN, items: async () => ({ items: conflicts, truncated: false }) },
    jobs: {
      start: async ({ kind }: { kind: string }) =>
        kind === 'rollback-plan' ? { ...job, id: 'planning' } : job,
      watch: async function* ({ job: watched }: { job: string }) {
        if (watched === 'planning') {
          const result: JobResult = {
            kind: 'rollback-plan',
            plan: { ...PLAN, ...rollback },
            job: 'job0',
            safetySnapshot: rollback?.mode === 'remove' ? null : 'snap0',
          };
          yield { ...job, id: watched, kind: 'rollback-plan', state: 'succeeded', result };
          return;
        }
        yield { ...job, progress: { phase: 'Writing', done: 1, of: 2, unit: 'items' } };
        yield ended;
      },
      halfWritten: async () => halfWritten.map((left) => ({ ...job, ...left })),
      get: async () => ended,
      report: async () => whole,
      failures: async function* () {
        yield whole.failures;
      },
      steps: async function* () {
        yield whole.steps;
      },
      reportText: async function* ({ format }: { format: ReportFormat }) {
        yield* renderReport(sourceOf(whole), format);
      },
    },
  };
  const around = captured({ DRAWBRIDGE_PASSPHRASE: 'x' });
  // Only what these commands call; anything else would be undefined and fail the test.
  const engine = { client, close: async () => {} } as unknown as Engine;
  const code = await runCommandLine(words, { ...around, openEngine: async () => engine });
  return { code, around };
}

export function apply(result: Partial<ApplyResult>): Partial<JobView> {
  return { state: 'succeeded', result: { kind: 'apply', result: { ...RESULT, ...result } } };
}

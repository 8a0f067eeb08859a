import type { AppError } from '../../contract/errors.ts';
import type { ApplyResult, JobReport } from '../../contract/job.ts';
import type { JunitCase } from './junit.ts';
import { recordLabel } from './record-label.ts';

/** What a seeding came to, for a JUnit report: the realm, and each record that was not written or is not as promised. */
export function seedCases(
  result: ApplyResult,
  { failures, error }: { failures: JobReport['failures']; error: AppError | undefined },
): JunitCase[] {
  const { environment, realm, status, counts, todo, variables = [] } = result;
  const group = `seed.${environment}.${realm}`;
  const text = [
    `status: ${status}`,
    ...Object.entries(counts).map(([name, count]) => `${name}: ${count}`),
    ...variables.map(
      ({ name, default: standIn }) => `variable: ${name}${standIn ? ' (not set: default)' : ''}`,
    ),
    ...todo,
  ].join('\n');
  const whole: JunitCase = error
    ? { name: `realm ${realm}`, group, outcome: 'failed', message: error.message, type: error.code, text }
    : { name: `realm ${realm}`, group, outcome: 'passed', text };
  return [
    whole,
    ...failures.map(({ section, key, reason }): JunitCase => {
      const message = `Not written: ${reason}`;
      return { name: recordLabel(section, key), group, outcome: 'failed', message, type: 'NOT_WRITTEN' };
    }),
    ...result.deviations.map(({ section, key, kind, members }): JunitCase => {
      const message = `Not as promised: ${kind}${members.length === 0 ? '' : ` (${members.join(', ')})`}`;
      return { name: recordLabel(section, key), group, outcome: 'failed', message, type: 'NOT_AS_PROMISED' };
    }),
  ];
}

import { checksOf, type Check } from './checks.ts';
import { failuresBySection } from './failures-by-section.ts';
import { escaped } from './markup.ts';
import type { ReportSource } from './report-source.ts';

/**
 * JUnit’s XML, as GitLab, GitHub’s reporters and Jenkins read it (schema of the maven-surefire plugin): one suite, a test
 * case for the job, for each section, and for the verification.
 */
export async function* junitReport(source: ReportSource): AsyncGenerator<string> {
  const { job } = source.report;
  const failures = await failuresBySection(source.failures(), job.kind === 'backup');
  const checks = checksOf(source.report, failures);
  const counts = attributes({
    tests: checks.length,
    failures: checks.filter(({ failure }) => failure).length,
    errors: 0,
    skipped: checks.filter(({ skipped }) => skipped !== undefined).length,
    time: seconds(checks[0]?.milliseconds ?? 0),
  });
  const started = (job.startedAt ?? job.createdAt).replace(/\.\d+Z$/, '').replace(/Z$/, '');
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="drawbridge"${counts}>\n`;
  yield `  <testsuite${attributes({ name: `drawbridge ${job.kind}` })}${counts}${attributes({ timestamp: started })}>\n`;
  yield `    <properties>\n${job.id === '' ? '' : property('job', job.id)}${property('state', job.state)}${property('title', job.title)}    </properties>\n`;
  for (const check of checks) yield testCase(check, job.kind);
  yield '  </testsuite>\n</testsuites>\n';
}

function property(name: string, value: string): string {
  return `      <property${attributes({ name, value })}/>\n`;
}

function testCase(check: Check, kind: string): string {
  const { name, group, milliseconds = 0, failure, skipped, text } = check;
  const head = `    <testcase${attributes({ name, classname: `drawbridge.${kind}.${group}`, time: seconds(milliseconds) })}`;
  const inner = [
    ...(failure
      ? [
          `<failure${attributes({ type: failure.type, message: failure.message })}>${escaped(failure.text)}</failure>`,
        ]
      : []),
    ...(skipped === undefined ? [] : [`<skipped${attributes({ message: skipped })}/>`]),
    ...(text === undefined ? [] : [`<system-out>${escaped(text)}</system-out>`]),
  ];
  if (inner.length === 0) return `${head}/>\n`;
  return `${head}>\n${inner.map((line) => `      ${line}\n`).join('')}    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', ' ')}"`)
    .join('');
}

function seconds(milliseconds: number): string {
  return (Math.max(milliseconds, 0) / 1000).toFixed(3);
}

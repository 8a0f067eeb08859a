/** One thing that was checked or done, as a pipeline's test report shows it. */
export interface JunitCase {
  readonly name: string;
  /** Groups cases in most viewers. */
  readonly group: string;
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped';
  /** One line: what went wrong, or why it was skipped. */
  readonly message?: string;
  /** An error code, or a kind of failure. */
  readonly type?: string;
  readonly text?: string;
}

export interface JunitSuite {
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly cases: readonly JunitCase[];
}

/** A JUnit report as GitHub, GitLab and Jenkins read it: the members of the Ant task's schema and no others. */
export function junitXml({ name, startedAt, seconds, cases }: JunitSuite): string {
  const number = (outcome: JunitCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const counts = {
    tests: cases.length,
    failures: number('failed'),
    errors: number('error'),
    skipped: number('skipped'),
    time: seconds.toFixed(3),
  };
  const timestamp = startedAt.replace(/(?:\.\d+)?Z$/, '');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'drawbridge', ...counts })}>`,
    `  <testsuite${attributes({ name, ...counts, timestamp })}>`,
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function caseXml({ name, group, outcome, message = '', type = '', text = '' }: JunitCase): string {
  const open = `    <testcase${attributes({ name, classname: group })}`;
  if (outcome === 'passed')
    return text === '' ? `${open}/>` : `${open}><system-out>${escaped(text)}</system-out></testcase>`;
  if (outcome === 'skipped') return `${open}><skipped${attributes({ message })}/></testcase>`;
  const element = outcome === 'failed' ? 'failure' : 'error';
  return `${open}><${element}${attributes({ message, type })}>${escaped(text)}</${element}></testcase>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escaped(String(value)).replace(/[\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`)}"`,
    )
    .join('');
}

/** What XML 1.0 cannot hold at all, not even written as a number (section 2.2). */
// oxlint-disable-next-line no-control-regex
const NOT_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escaped(text: string): string {
  return text.replace(NOT_XML, '\uFFFD').replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

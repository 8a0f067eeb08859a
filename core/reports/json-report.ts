import { visibleJson } from '../../contract/visible.ts';
import { listedItems } from './listed-items.ts';
import type { ReportSource } from './report-source.ts';

/** One JSON document on one line: the report with all of its steps, failures and items. */
export async function* jsonReport(source: ReportSource): AsyncGenerator<string> {
  const { steps: _steps, failures: _failures, ...rest } = source.report;
  yield visibleJson(rest).slice(0, -1);
  yield* array('steps', source.steps());
  yield* array('failures', source.failures());
  let missing: string | undefined;
  const items = listedItems(source, (why) => {
    missing = why;
  });
  yield* array('items', items);
  yield missing === undefined ? '}\n' : `,"itemsMissing":${visibleJson(missing)}}\n`;
}

async function* array(name: string, batches: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  yield `,"${name}":[`;
  let separator = '';
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    yield separator + batch.map(visibleJson).join(',');
    separator = ',';
  }
  yield ']';
}

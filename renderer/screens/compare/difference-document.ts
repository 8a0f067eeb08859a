import { csv } from '../../../contract/csv.ts';
import type { ComparisonView, DifferenceView } from '../../../contract/comparison.ts';

export type DocumentFormat = 'json' | 'csv';

/** A page of differences at a time, as one document. */
export async function* differenceDocument(
  format: DocumentFormat,
  comparison: Pick<ComparisonView, 'left' | 'right' | 'sections' | 'declaredOnly'>,
  pages: AsyncIterable<readonly DifferenceView[]>,
): AsyncGenerator<string> {
  if (format === 'csv') {
    yield csv([['section', 'record', 'kind', 'member', 'from', 'to', 'unknown to']]);
    for await (const page of pages) yield page.map(csvOf).join('');
    return;
  }
  const { left, right, sections, declaredOnly } = comparison;
  const head = JSON.stringify({ left, right, ...(declaredOnly && { declaredOnly }), sections });
  yield `${head.slice(0, -1)},"differences":[`;
  let isFirst = true;
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield `${isFirst ? '' : ','}\n${page.map((difference) => JSON.stringify(difference)).join(',\n')}`;
    isFirst = false;
  }
  yield '\n]}\n';
}

/** A row for each member; a record that only one side has is a row without any. */
function csvOf({ section, key, kind, changes }: DifferenceView): string {
  if (changes.length === 0) return csv([[section, key, kind, '', '', '', '']]);
  return csv(
    changes.map(({ member, from, to, unknown }) => [
      section,
      key,
      kind,
      member,
      valueOf(from),
      valueOf(to),
      unknown ?? '',
    ]),
  );
}

/** Text as it is, everything else as JSON; nothing where there is nothing. */
function valueOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import { isAppError } from '../../contract/errors.ts';
import type { ReportItem } from '../../contract/report.ts';
import type { ReportSource } from './report-source.ts';

/**
 * The items, as far as they can be listed. What keeps a plan from being derived again (a snapshot that was deleted since, a
 * newer Drawbridge) is no reason to withhold the rest of a report.
 *
 * @param onMissing told once, last, why there are no more
 */
export async function* listedItems(
  source: ReportSource,
  onMissing: (why: string) => void,
): AsyncGenerator<readonly ReportItem[]> {
  try {
    yield* source.items();
  } catch (error) {
    if (!isAppError(error) || error.code === 'CANCELED' || error.code === 'INTERNAL') throw error;
    onMissing(`The records of the plan cannot be listed any more: ${error.message}`);
  }
}

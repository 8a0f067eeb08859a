import type { ItemFailure, JobReport, JobStep } from '../../contract/job.ts';
import type { ReportItem } from '../../contract/report.ts';

/** What a report is made from. The streams may be long, give bounded batches, and can be read again. */
export interface ReportSource {
  readonly report: JobReport;
  steps(): AsyncIterable<readonly JobStep[]>;
  failures(): AsyncIterable<readonly ItemFailure[]>;
  /** @throws AppError what keeps the plan from being derived again */
  items(): AsyncIterable<readonly ReportItem[]>;
}

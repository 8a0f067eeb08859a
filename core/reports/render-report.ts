import type { ReportFormat } from '../../contract/report.ts';
import { csvReport } from './csv-report.ts';
import { htmlReport } from './html-report.ts';
import { jsonReport } from './json-report.ts';
import { junitReport } from './junit-report.ts';
import type { ReportSource } from './report-source.ts';

const FORMATS: Readonly<Record<ReportFormat, (source: ReportSource) => AsyncGenerator<string>>> = {
  html: htmlReport,
  json: jsonReport,
  csv: csvReport,
  junit: junitReport,
};

/** A job's report as one document, in pieces: as long as it may be, no more than a batch of it is in memory. */
export function renderReport(source: ReportSource, format: ReportFormat): AsyncGenerator<string> {
  return FORMATS[format](source);
}

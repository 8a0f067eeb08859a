import type { SectionBatch } from '../../../model/record.ts';
import type { Section } from '../../../model/sections.ts';
import { CopyOut, type RowTaker } from '../copy-out.ts';
import type { Layout, Table } from '../layout.ts';
import { TABLES, type Service, type TableName } from '../services.ts';
import type { Session } from '../session.ts';
import { AppError } from '../../../../contract/errors.ts';
import type { Nameless } from './nameless.ts';
import type { RoleSetLimits } from './role-sets.ts';
import type { RowLines } from './row-lines.ts';

/** What the readers of single sections share. */
export interface Reading {
  readonly layout: Layout;
  /** The realm's name as SQL has a text: `'acme'`. */
  readonly realmSql: string;
  /** Whether password hashes and those of client secrets are read. */
  readonly credentials: boolean;
  /** Whether users are read with their roles. */
  readonly mappings: boolean;
  readonly limits: RoleSetLimits;
  readonly warnings: string[];
  /** Rows that are left out; what is said of them is said at the end. */
  readonly nameless: Nameless;
  /** In whose transaction this service's tables are read. */
  session(service: Service): Session;
  /** Begins a COPY that is brought to its end with the capture, however that ends. */
  copy(session: Session, query: string): CopyOut;
}

export function tableOf(reading: Reading, name: TableName): Table {
  const table = reading.layout.services[TABLES[name].service]?.tables[name];
  if (!table) throw new AppError('INTERNAL', `Table ${name} was to be read, but was not found.`);
  return table;
}

/**
 * Whether `ORDER BY … COLLATE "C"` is the order of UTF-8 bytes: it is the order of the database's own bytes. LATIN1 has
 * the order of the code points, and so has UTF-8.
 */
export function sortsAsKeys(reading: Reading, service: Service): boolean {
  return ['UTF8', 'SQL_ASCII', 'LATIN1'].includes(reading.layout.services[service]?.encoding ?? '');
}

/** All rows of a COPY as lines, in batches. */
export async function* lineBatches(
  section: Section,
  copy: CopyOut,
  lines: RowLines,
  ordered: boolean,
): AsyncGenerator<SectionBatch> {
  const take: RowTaker = (bytes, start, end) => {
    lines.add(bytes, start, end);
    return !lines.isFull;
  };
  for (let more = true; more;) {
    more = await copy.each(take);
    const records = lines.take();
    if (records.length > 0) yield { section, records, ...(ordered && { ordered }) };
  }
}

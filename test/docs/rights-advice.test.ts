import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SERVICE_NAMES } from '../../contract/environment.ts';
import { grantsOf } from '../../renderer/screens/environments/rights/grants.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/postgres-rights.md'), 'utf8');

/** The statements of the page for a role in a database, each on one line. */
function documented(database: string, role: string): string[] {
  const [, sql = ''] = new RegExp(`\`{3}sql ${database} ${role}\n(.*?)\`{3}`, 's').exec(PAGE) ?? [];
  return sql
    .split(';')
    .map((statement) => statement.replaceAll(/\s+/g, ' ').trim())
    .filter((statement) => statement !== '')
    .map((statement) => `${statement};`);
}

describe('the rights that are advised', () => {
  for (const service of SERVICE_NAMES)
    for (const purpose of ['backup', 'import'] as const)
      it(`for ${purpose} in the database of ${service} are those of docs/postgres-rights.md`, () => {
        const database = `opengate_${service}`;
        const role = `drawbridge_${purpose}`;
        expect(documented(database, role)).not.toEqual([]);
        expect(grantsOf(service, { role, database, purpose })).toEqual(documented(database, role));
      });

  it('quote names that SQL would not take as they are', () => {
    expect(grantsOf('realm', { role: 'Back"up', database: 'my-realms', purpose: 'backup' })[0]).toBe(
      'GRANT CONNECT ON DATABASE "my-realms" TO "Back""up";',
    );
  });
});

import type { Session } from '../databases.ts';
import { invalid } from '../http/reply.ts';
import { LISTED } from './checked-elements.ts';

/**
 * Refuses a body that names the same record twice, found in its staging table.
 *
 * @throws Refusal 400 with the later ones
 */
export async function refuseDoubles(
  session: Session,
  of: { readonly member: string; readonly key: string; readonly column: string },
): Promise<void> {
  const doubles = await session.query<{ index: number; first: number }>(
    `SELECT index, first FROM (
       SELECT index, min(index) OVER (PARTITION BY ${of.column}) AS first FROM staged_${of.member}
     ) AS numbered WHERE index <> first ORDER BY index LIMIT ${LISTED}`,
  );
  if (doubles.length > 0)
    throw invalid(
      doubles.map(({ index, first }) => ({
        field: `${of.member}[${index}].${of.key}`,
        message: `is the same as that of ${of.member}[${first}]`,
      })),
    );
}

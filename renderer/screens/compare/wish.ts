import type { ComparisonView } from '../../../contract/comparison.ts';
import { jobInput, type JobInput } from '../../../contract/job.ts';

/** What is to be compared, as the window's address has it. */
export interface ComparisonWish {
  /** Sources, as the command line takes them. */
  readonly left: string | undefined;
  readonly right: string | undefined;
  readonly declared: boolean;
  readonly extra: boolean;
  readonly variables: boolean;
}

export function wishOf(query: URLSearchParams): ComparisonWish {
  return {
    left: query.get('left') ?? undefined,
    right: query.get('right') ?? undefined,
    declared: query.has('declared'),
    extra: query.has('extra'),
    variables: query.has('variables'),
  };
}

/** The same for the window's address. */
export function queryOf({ left, right, declared, extra, variables }: ComparisonWish): Record<string, string> {
  return {
    ...(left !== undefined && { left }),
    ...(right !== undefined && { right }),
    ...(declared && { declared: 'yes' }),
    ...(extra && { extra: 'yes' }),
    ...(variables && { variables: 'yes' }),
  };
}

/** The same comparison of the same two snapshots. @param started what the job was started with that has made it */
export function wishAgain(
  { left, right, declaredOnly }: Pick<ComparisonView, 'left' | 'right' | 'declaredOnly'>,
  started: unknown,
): ComparisonWish {
  const input = jobInput.safeParse(started).data;
  const extra = input?.kind === 'diff' && input.declaredOnly?.extra === true;
  return { left, right, declared: declaredOnly === true, extra, variables: false };
}

/** The job only counts: the differences are then shown by the page. */
export function jobOf({ left = '', right = '', declared, extra, variables }: ComparisonWish): JobInput {
  return {
    kind: 'diff',
    left,
    right,
    variables,
    limit: 0,
    ...(declared && { declaredOnly: { extra } }),
  };
}

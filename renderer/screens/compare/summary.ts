import type { ComparisonView } from '../../../contract/comparison.ts';
import { SECTIONS } from '../../../contract/sections.ts';
import { counted } from '../../design/moments.ts';

/** What a comparison comes to, as a sentence. */
export function summary({ equal, sections, declaredOnly }: ComparisonView): string {
  const sum = { added: 0, removed: 0, changed: 0, same: 0 };
  for (const section of SECTIONS)
    for (const kind of ['added', 'removed', 'changed', 'same'] as const)
      sum[kind] += sections[section]?.[kind] ?? 0;
  const same = sum.same === 0 ? 'none is the same' : `${counted(sum.same, 'is', 'are')} the same`;
  if (equal)
    return declaredOnly
      ? `No difference in what the first side declares: ${counted(sum.same, 'record')} compared.`
      : `No difference in what both sides know: ${counted(sum.same, 'record')} compared.`;
  const parts = (['added', 'removed', 'changed'] as const)
    .filter((kind) => sum[kind] > 0)
    .map((kind, nth) =>
      nth === 0
        ? `${counted(sum[kind], 'record is', 'records are')} ${kind}`
        : `${counted(sum[kind], 'is', 'are')} ${kind}`,
    );
  return `${declaredOnly ? 'Of what the first side declares: ' : ''}${parts.join(', ')}; ${same}.`;
}

import { ExternalSorter } from '../catalog/staging/external-sort.ts';
import { compareSection } from '../compare/compare-section.ts';
import { recordFinder } from '../compare/record-finder.ts';
import { emptySide } from '../compare/section-side.ts';
import type { LooseSection, Owners } from '../connectors/connector.ts';
import type { CanonicalRecord } from '../model/record.ts';
import { parseExclusions } from '../planner/exclusions.ts';
import type { PlanContext } from '../planner/plan.ts';
import { sectionMode } from '../planner/section-plan.ts';
import type { JobContext } from './job-context.ts';
import type { LookupRequest } from './lookups.ts';
import type { SameKeys } from './plan-document.ts';

export interface SameKeyRequest extends LookupRequest {
  readonly context: PlanContext;
  readonly stagingDir: string;
}

/** The member that is the key, by whose comparison the server tells records apart. */
const KEY_MEMBER: Readonly<Record<LooseSection, string>> = { clients: 'clientId', users: 'username' };

const KEYS_AT_ONCE = 10_000;
/** So many stand in a plan by name. */
const MOST = 20_000;

/**
 * Where the target's server compares keys loosely, as by a collation that ignores case or accents: of the records that
 * the plan would create those that it takes for another one, on the target or of the source, and for which.
 *
 * Asked of the server itself, by the batch: nobody else knows its collation. Keys of the source are sorted, on disk, by a
 * text that is the same for all that are equal. Undefined: keys are compared as they are.
 */
export async function sameKeys(job: JobContext, request: SameKeyRequest): Promise<SameKeys | undefined> {
  const { owners } = request.connector;
  const { sections } = request.context.route;
  const loose = (['clients', 'users'] as const).filter((section) =>
    sections[section].looseMembers?.includes(KEY_MEMBER[section]),
  );
  if (!owners || loose.length === 0 || request.context.policy.realm === 'remove') return undefined;
  const found: Partial<Record<LooseSection, SameKeys[LooseSection]>> = {};
  for (const section of loose) found[section] = await sameKeysOf(job, owners, request, section);
  return found;
}

async function sameKeysOf(
  job: JobContext,
  owners: Owners,
  request: SameKeyRequest,
  section: LooseSection,
): Promise<'all' | Readonly<Record<string, string>>> {
  const found = new Map<string, string>();
  const sorter = new ExternalSorter({ dir: request.stagingDir, onDuplicate: 'keep', what: section });
  const stays = staying(request, section);
  try {
    for await (const keys of createdKeys(request, section, job.signal)) {
      const alike = await owners.alike(section, request.realm, keys, job.signal);
      const records: CanonicalRecord[] = [];
      for (const [key, { kind, there }] of alike) {
        records.push({ key: `${kind}\u0000${key}`, line: EMPTY });
        if (there && (there.realm !== request.realm || (await stays(there.key)))) found.set(key, there.key);
      }
      await sorter.add(records);
      if (found.size > MOST) return 'all';
    }
    let last: { kind: string; key: string } | undefined;
    for await (const records of sorter.sorted(job.signal))
      for (const record of records) {
        const at = record.key.indexOf('\u0000');
        const next = { kind: record.key.slice(0, at), key: record.key.slice(at + 1) };
        if (last && last.kind === next.kind) {
          if (!found.has(last.key)) found.set(last.key, next.key);
          if (!found.has(next.key)) found.set(next.key, last.key);
          if (found.size > MOST) return 'all';
        }
        last = next;
      }
    return Object.fromEntries(found);
  } finally {
    await sorter.dispose();
  }
}

const EMPTY = Buffer.from('{}');

/** The keys of what the plan may create. */
async function* createdKeys(
  { sides, context }: SameKeyRequest,
  section: LooseSection,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const source = sides.source[section];
  if (!source) return;
  const excluded = parseExclusions(context.policy.exclude, context.policy.only);
  const target = sectionMode(context, section) === 'overwrite' ? undefined : sides.target[section];
  let keys: string[] = [];
  for await (const stretch of compareSection(target ?? emptySide(section), source, signal)) {
    if (stretch.kind === 'equal') continue;
    for (const { kind, key } of stretch.records)
      if (kind === 'added' && !excluded.excludes(section, key)) keys.push(key);
    for (; keys.length >= KEYS_AT_ONCE; keys = keys.slice(KEYS_AT_ONCE)) yield keys.slice(0, KEYS_AT_ONCE);
  }
  if (keys.length > 0) yield keys;
}

/** Whether a record of the target is still there when others are created: what is deleted goes first. */
function staying({ sides, context }: SameKeyRequest, section: LooseSection) {
  const mode = sectionMode(context, section);
  const source = sides.source[section];
  const finder = source && recordFinder(source);
  const excluded = parseExclusions(context.policy.exclude, context.policy.only);
  return async (key: string): Promise<boolean> => {
    if (mode === 'overwrite') return false;
    if (context.policy.extra !== 'delete') return true;
    return excluded.excludes(section, key) || (await finder?.find(key)) !== undefined;
  };
}

import { AppError } from '../../contract/errors.ts';
import type { SnapshotStore } from '../catalog/snapshot-store.ts';
import { emptySide, type SnapshotSides } from '../compare/section-side.ts';
import type { TargetSession } from '../connectors/connector.ts';
import { displayKey } from '../model/natural-key.ts';
import { SECTIONS } from '../model/sections.ts';
import { expectedSoFar, type WorkSoFar } from '../planner/expected-so-far.ts';
import { verifyApplied, type Deviation } from '../planner/verify-applied.ts';
import { captureSession } from './capture.ts';
import type { DerivedPlan } from './derive-plan.ts';
import { isIssuedKey } from './issued-clients.ts';
import { PhaseMeter, type JobContext } from './job-context.ts';
import type { PlanDocument } from './plan-document.ts';
import type { ResumePoint } from './resume-point.ts';
import type { StepsSoFar } from './run-steps.ts';
import type { JournalledContext } from './runner.ts';
import { snapshotSides } from './snapshot-sides.ts';

interface Resumed {
  readonly snapshots: SnapshotStore;
  readonly session: TargetSession;
  readonly document: PlanDocument;
  readonly derived: DerivedPlan;
  readonly point: ResumePoint;
  readonly soFar: StepsSoFar;
}

/** Deviations kept to be told. */
const TOLD = 100;
const NAMED = 5;

/**
 * Reads the target and holds it against what the attempts before have written of the plan: all else must be as it was.
 *
 * @returns `done` when the step that was under way turns out to be, as a whole; else it is to be run again
 * @throws AppError TARGET_CHANGED, naming the records
 */
export async function requireOwnChangesOnly(
  job: JournalledContext,
  resumed: Resumed,
): Promise<'done' | 'open'> {
  const seq = job.intent('The target, held against what was written before', { kind: 'resume' });
  try {
    const found = await lookedAt(job, resumed);
    job.outcome(seq, 'done', { open: found });
    return found;
  } catch (error) {
    if (error instanceof AppError) job.outcome(seq, 'failed', { code: error.code, message: error.message });
    throw error;
  }
}

async function lookedAt(job: JournalledContext, resumed: Resumed): Promise<'done' | 'open'> {
  const { snapshots, session, document, point } = resumed;
  const { environment, realm } = document.target;
  const exists = await session.exists(job.signal);
  if (!exists && !mayBeAbsent(document, point)) throw gone(job, document);
  const now =
    exists || document.route.seesLeftovers
      ? await captureSession(job, session, snapshots, { environment, realm, purpose: 'target' }, { exists })
      : undefined;
  const after = now ? snapshotSides(snapshots, now) : exists || document.route.seesLeftovers ? NOTHING : {};
  // One call that creates the whole realm: it was carried out, or it was not.
  const isWhole = point.open?.step.section === 'realm' && !point.open.step.repeatable;
  if (!isWhole) {
    await requireExpected(job, resumed, after, point.work());
    return 'open';
  }
  const notBegun = await deviationsFrom(job, resumed, after, point.work('pending'));
  if (notBegun.count === 0) return 'open';
  if (exists) {
    await requireExpected(job, resumed, after, point.work('done'));
    return 'done';
  }
  throw changed(job, document, notBegun);
}

const NOTHING: SnapshotSides = Object.fromEntries(SECTIONS.map((section) => [section, emptySide(section)]));

/** Whether the work, as far as it has come, may have left no realm. */
function mayBeAbsent({ summary, target }: PlanDocument, point: ResumePoint): boolean {
  const { mode, leavesNoRealm } = summary;
  const { realm } = point.work();
  if (leavesNoRealm) return realm !== 'pending' || !target.exists;
  if (mode === 'create') return realm !== 'done';
  if (mode === 'remove') return realm !== 'pending' || !target.exists;
  return mode === 'overwrite' && (realm === 'open' || (realm === 'pending' && !target.exists));
}

interface Deviations {
  readonly count: number;
  /** Of these, so many are as the plan promises, before their turn. */
  readonly ahead: number;
  /** The first hundred. */
  readonly first: readonly Deviation[];
}

async function requireExpected(
  job: JobContext & { readonly job: string },
  resumed: Resumed,
  after: SnapshotSides,
  work: WorkSoFar,
): Promise<void> {
  const deviations = await deviationsFrom(job, resumed, after, work);
  if (deviations.count > 0) throw changed(job, resumed.document, deviations);
}

async function deviationsFrom(
  job: JobContext,
  { derived, soFar, point }: Resumed,
  after: SnapshotSides,
  work: WorkSoFar,
): Promise<Deviations> {
  const meter = new PhaseMeter(job, 'Looking at the target', 'items');
  const first: Deviation[] = [];
  let [count, ahead] = [0, 0];
  // A client that was created just when the work was broken off has a key that nobody was told.
  let nameless = point.open?.step.section === 'clients' ? 1 : 0;
  const deviations = verifyApplied({
    context: derived.context,
    before: derived.sides.target,
    after,
    entries: metered(),
    failed: (section, key) => soFar.failed.has(`${section}/${key}`),
    issued: (section) =>
      new Map(soFar.issued.flatMap((of) => (of.section === section ? [[of.key, of.issued]] : []))),
    expected: expectedSoFar(derived.context, work),
    signal: job.signal,
  });
  for await (const batch of deviations)
    for (const deviation of batch) {
      const { section, key, kind, isAhead } = deviation;
      if (section === 'clients' && kind === 'unexpected' && isIssuedKey(key) && nameless-- > 0) continue;
      count++;
      if (isAhead) ahead++;
      if (first.length < TOLD) first.push(deviation);
    }
  return { count, ahead, first };

  async function* metered() {
    for await (const entries of derived.entries()) {
      meter.advance(entries.length);
      yield entries;
    }
  }
}

function changed(
  { job }: { readonly job: string },
  { target: { environment, realm } }: PlanDocument,
  { count, ahead, first }: Deviations,
): AppError {
  const place = `${environment}/${realm}`;
  const records = first.map(({ section, key, kind }) => ({ section, key: displayKey(key), kind }));
  const named = records.slice(0, NAMED).map(({ section, key }) => `${section}/${key}`);
  const more = count > named.length ? ` and ${(count - named.length).toLocaleString('en')} more` : '';
  const which = `${named.join(', ')}${more}`;
  const isOlderCopy = ahead === count;
  return new AppError(
    'TARGET_CHANGED',
    isOlderCopy
      ? `${place} has records already that job ${job}, by its journal, has not written yet: ${which}. This catalog may be an older copy, from before the job went on; or somebody else has written the same.`
      : `${place} has changed since job ${job} was broken off, and not by that job: ${which}.`,
    {
      notChanged: 'Nothing more was written.',
      remedy: remedy(job),
      details: { job, records, count, ahead },
    },
  );
}

function gone({ job }: JournalledContext, { target: { environment, realm } }: PlanDocument): AppError {
  return new AppError('TARGET_CHANGED', `${environment}/${realm} is gone.`, {
    notChanged: 'Nothing more was written.',
    remedy: remedy(job),
    details: { job, records: [{ section: 'realm', key: realm, kind: 'missing' }], count: 1, ahead: 0 },
  });
}

function remedy(job: string): string {
  return `A new plan shows what is left to do, from how the realm stands now. Or undo what the job has written: drawbridge rollback ${job}.`;
}

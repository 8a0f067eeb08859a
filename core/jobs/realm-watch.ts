import type { Catalog } from '../catalog/index.ts';
import type { Connector } from '../connectors/connector.ts';
import { isUnderWay, openJobs, settledIfAskable, type Target } from './settle.ts';
import { journalledWrites, mayBeHalfWritten } from './written.ts';

/**
 * Whether a realm that is read is, meanwhile, half of what an import was to make of it: broken off between its commits,
 * or committing just then.
 */
export interface RealmWatch {
  /** Before the first look at it. */
  begin(): Promise<void>;
  /** Every database has been seen: what is committed from now on is not read any more. */
  seen(): void;
  /** When everything was read. @returns why it may be half of something, as sentences */
  doubt(): Promise<string | undefined>;
}

/** As many jobs, the newest, are looked through for one that was committing. */
const RECENT_JOBS = 500;

export function watchRealm(
  signal: AbortSignal,
  catalog: Catalog,
  connector: Connector,
  target: Target,
): RealmWatch {
  let before: string | undefined;
  let from = '';
  let seenAt: string | undefined;
  return {
    async begin() {
      before = await halfOfSomething(signal, catalog, connector, target);
      from = new Date().toISOString();
      seenAt = undefined;
    },
    seen() {
      seenAt ??= new Date().toISOString();
    },
    async doubt() {
      const to = seenAt ?? new Date().toISOString();
      return (
        before ??
        (await halfOfSomething(signal, catalog, connector, target)) ??
        committedMeanwhile(catalog, target, { from, to })
      );
    },
  };
}

async function halfOfSomething(
  signal: AbortSignal,
  catalog: Catalog,
  connector: Connector,
  target: Target,
): Promise<string | undefined> {
  for (const job of await openJobs(signal, catalog, connector, target)) {
    const written = await settledIfAskable(catalog, connector, job, signal);
    if (!written || !mayBeHalfWritten(written)) continue;
    return written.state !== 'part' && isUnderWay(job)
      ? `Job ${job.id} was just writing to it: some of it may be as it was before, some as after.`
      : `${written.text} Job ${job.id} was broken off between its commits; to undo it: drawbridge rollback ${job.id}.`;
  }
  return undefined;
}

/** Each database is seen as of one moment of its own: between these, a job may have committed to one and another. */
function committedMeanwhile(
  catalog: Catalog,
  { environment, realm }: Target,
  look: { readonly from: string; readonly to: string },
): string | undefined {
  for (const { id, state, applying, finishedAt } of catalog.jobs.list({ limit: RECENT_JOBS })) {
    if (applying?.environment !== environment || applying.realm !== realm) continue;
    if (finishedAt !== undefined && finishedAt < look.from) continue;
    const { commits, period } = journalledWrites(catalog.jobs.steps(id), !isUnderWay({ state }));
    const ended = period?.to ?? finishedAt ?? look.to;
    if (commits.length > 1 && period && period.from <= look.to && ended >= look.from)
      return `Job ${id} committed to it just then: some of it may be as it was before, some as after.`;
  }
  return undefined;
}

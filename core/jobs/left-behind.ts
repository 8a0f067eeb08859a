import { isAppError } from '../../contract/errors.ts';
import type { WrittenView } from '../../contract/job.ts';
import type { Catalog } from '../catalog/index.ts';
import type { Connector } from '../connectors/connector.ts';
import type { JsonObject } from '../model/record.ts';
import type { PlanDocument } from './plan-document.ts';
import type { JournalledContext } from './runner.ts';
import {
  areOfDatabases,
  askedCommits,
  journalledWrites,
  writtenView,
  type CommitOutcome,
} from './written.ts';

interface Written {
  readonly catalog: Catalog;
  readonly connector: Connector;
  readonly document: PlanDocument;
}

/** What the databases hold of an import that stopped; undefined where the steps tell, or the catalog cannot be asked. */
export async function leftBehind(
  job: JournalledContext,
  { catalog, connector, document: { route, target } }: Written,
): Promise<WrittenView | undefined> {
  try {
    const writes = journalledWrites(catalog.jobs.steps(job.job));
    if (route.channel !== 'postgres' || !areOfDatabases(writes)) return undefined;
    const asked = await askedCommits(writes, (facts) => outcomeOfCommit(connector, facts));
    const written = writtenView(target, asked);
    job.note({ written });
    return written.state === 'everything' && writes.direct > 0 ? undefined : written;
  } catch (error) {
    // A journal that cannot be written to is what stopped the import: that is what has to be told.
    if (isAppError(error)) return undefined;
    throw error;
  }
}

/**
 * Asked although the job may be canceled, and repeatedly: the server may still be at it, or just be coming back. But not
 * for ever.
 */
export async function outcomeOfCommit(connector: Connector, facts: JsonObject): Promise<CommitOutcome> {
  const deadline = AbortSignal.timeout(COMMIT_LOOK);
  for (;;) {
    const outcome = await connector.commitOutcome?.(facts, deadline).catch((error: unknown) => {
      if (isAppError(error) || deadline.aborted) return 'unknown' as const;
      throw error;
    });
    if ((outcome ?? 'unknown') !== 'unknown' || deadline.aborted) return outcome ?? 'unknown';
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS));
  }
}

/** Milliseconds. */
const COMMIT_LOOK = 10_000;
const BETWEEN_LOOKS = 500;

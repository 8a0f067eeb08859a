import { setTimeout as sleep } from 'node:timers/promises';
import { asAppError } from '../../contract/wire.ts';
import type { EngineClient } from '../engine/index.ts';
import type { Practice } from './practice.ts';
import type { Workspace } from './workspace.ts';

/** How long after a failure of the running itself it is tried again. Milliseconds. */
const AGAIN_AFTER = 30_000;

interface Following {
  readonly workspace: Workspace;
  readonly practice: Practice;
  readonly runSchedules: boolean;
  readonly warn: (line: string) => void;
}

/**
 * Does what belongs to every catalog that is opened: forgets stand-ins of a program that ended badly, and, if asked to,
 * runs its schedules until it is closed.
 */
export function followCatalog({ workspace, practice, runSchedules, warn }: Following): {
  end(): Promise<void>;
} {
  const end = new AbortController();
  const work = follow();
  return {
    end() {
      end.abort();
      return work;
    },
  };

  async function follow(): Promise<void> {
    let open: { client: EngineClient; stop: AbortController; done: Promise<void> } | undefined;
    for await (const { state } of workspace.watch(end.signal)) {
      const client = state === 'open' ? workspace.client() : undefined;
      if (client === open?.client) continue;
      open?.stop.abort();
      await open?.done;
      if (!client) {
        open = undefined;
        continue;
      }
      const stop = new AbortController();
      open = { client, stop, done: begin(client, AbortSignal.any([stop.signal, end.signal])) };
    }
    open?.stop.abort();
    await open?.done;
  }

  async function begin(client: EngineClient, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await practice.forgetLost();
        if (!runSchedules) return;
        for await (const _ of await client.schedules.run({ what: 'all' }, { signal }))
          if (signal.aborted) break;
      } catch (error) {
        if (signal.aborted) return;
        // A run that fails is in the schedule's own record; here the running itself did, as when the catalog is locked.
        const { message, remedy } = asAppError(error);
        warn(`Schedules do not run for now. ${message} ${remedy}`);
        // An abort ends the pause, and the work.
        await sleep(AGAIN_AFTER, undefined, { signal }).catch(() => {});
      }
    }
  }
}

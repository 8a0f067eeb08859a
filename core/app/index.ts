import type { AnyRouter } from '@orpc/server';
import { implement } from '@orpc/server';
import { appContract } from '../../contract/app.ts';
import type { AboutView } from '../../contract/workspace.ts';
import { asContractErrors } from '../engine/implementer.ts';
import { delegatedEngine } from './delegate-engine.ts';
import { Practice, type StartStandIns } from './practice.ts';
import { Preferences } from './preferences.ts';
import { followCatalog } from './follow-catalog.ts';
import { Workspace, type WorkspaceOptions } from './workspace.ts';

export interface AppOptions extends Omit<WorkspaceOptions, 'preferences'> {
  readonly about: Omit<AboutView, 'runsSchedules'>;
  /** Where how somebody wants the windows to be is kept. */
  readonly preferencesFile: string;
  readonly startStandIns: StartStandIns;
  /** Whether schedules run while the catalog is open. */
  readonly runSchedules: boolean;
  /** Told, as a sentence, what no window is there to be told. */
  readonly warn: (line: string) => void;
}

export interface App {
  /** Implements `appContract`: to be served over a port or a socket. */
  readonly router: AnyRouter;
  /** Their ids. */
  runningJobs(): readonly string[];
  /** Cancels what runs, waits for its end, ends the stand-ins and closes the catalog. */
  close(): Promise<void>;
}

/**
 * What stands behind windows, in whatever process: a catalog that can be opened, closed and changed for another one, and
 * what belongs to windows and not to a catalog.
 *
 * @throws AppError FILE_FAILED when the preferences cannot be read
 */
export async function openApp(options: AppOptions): Promise<App> {
  const { about, preferencesFile, startStandIns, runSchedules, warn, ...rest } = options;
  const preferences = new Preferences(preferencesFile);
  const workspace = await Workspace.begin({ ...rest, preferences });
  const practice = new Practice(startStandIns, () => workspace.client(), preferences);
  const following = followCatalog({ workspace, practice, runSchedules, warn });
  const implementer = implement(appContract).use(asContractErrors);
  const router = implementer.router({
    about: implementer.about.handler(() => ({ ...about, runsSchedules: runSchedules })),
    workspace: {
      get: implementer.workspace.get.handler(() => workspace.view),
      watch: implementer.workspace.watch.handler(({ signal }) => workspace.watch(signal)),
      choose: implementer.workspace.choose.handler(async ({ input }) => {
        await leave();
        return workspace.choose(input.dir);
      }),
      create: implementer.workspace.create.handler(({ input }) => workspace.create(input)),
      open: implementer.workspace.open.handler(({ input }) => workspace.open(input)),
      lock: implementer.workspace.lock.handler(async () => {
        await leave();
        return workspace.lock();
      }),
      move: implementer.workspace.move.handler(async ({ input }) => {
        await leave();
        return workspace.move(input);
      }),
      stopMoving: implementer.workspace.stopMoving.handler(() => workspace.stopMoving()),
      keepsKeys: implementer.workspace.keepsKeys.handler(async () => ({
        keeps: await workspace.keepsKeys(),
      })),
      running: implementer.workspace.running.handler(() => ({ jobs: workspace.runningJobs().length })),
    },
    practice: {
      get: implementer.practice.get.handler(() => practice.view),
      watch: implementer.practice.watch.handler(({ signal }) => practice.watch(signal)),
      start: implementer.practice.start.handler(({ input }) => practice.start(input)),
      stop: implementer.practice.stop.handler(() => practice.stop()),
    },
    preferences: {
      get: implementer.preferences.get.handler(() => preferences.view),
      change: implementer.preferences.change.handler(({ input }) => preferences.change(input)),
    },
    maintenance: {
      checkRecoveryKey: implementer.maintenance.checkRecoveryKey.handler(({ input }) =>
        workspace.checkRecoveryKey(input),
      ),
      repair: implementer.maintenance.repair.handler(({ input: { key, ...input }, signal }) =>
        workspace.maintenance(key).repair(input, { ...(signal && { signal }) }),
      ),
    },
    // Built from the same contract, name by name; the types of its handlers are lost on the way.
    engine: delegatedEngine(() => workspace.client()) as never,
  });
  return {
    router,
    runningJobs: () => workspace.runningJobs(),
    async close() {
      try {
        // First what runs: a job that loses its environment fails, and should be canceled.
        await workspace.cancelJobs();
        await practice.stop();
      } finally {
        await following.end();
        await workspace.close();
      }
    },
  };

  /** Before a catalog is closed: nothing is to remain in it that leads nowhere. */
  async function leave(): Promise<void> {
    workspace.requireNoJobs();
    await practice.stop();
  }
}

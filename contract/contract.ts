import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { catalogStats } from './catalog.ts';
import {
  catalogView,
  leaveKeychainInput,
  passphraseInput,
  proposeRecoveryKeyInput,
  recoveryKeyInput,
  useKeychainInput,
} from './catalog-folder.ts';
import { differencesInput, differencesPage, neighboursInput, neighbourView } from './comparison.ts';
import {
  environmentInput,
  environmentUpdate,
  environmentView,
  probeEvent,
  probeView,
  realmView,
  tryOutInput,
} from './environment.ts';
import { itemFailure, JOB_STATES, jobInput, jobReport, jobSecrets, jobStep, jobView } from './job.ts';
import { planItemsInput, planItemsPage, planView } from './plan.ts';
import { procedure } from './procedure.ts';
import {
  emptyTrashInput,
  keepingChange,
  keepingSettings,
  pruneInput,
  retentionView,
  trashView,
} from './retention.ts';
import { refusedWork, reportItem, reportTextInput, savedReport, saveReportInput } from './report.ts';
import {
  failedRun,
  runSchedulesInput,
  scheduleEvent,
  scheduleInput,
  scheduleUpdate,
  scheduleView,
  timetableInput,
  timetableView,
  upcomingInput,
  upcomingRun,
} from './schedule.ts';
import {
  recordsInput,
  recordsPage,
  searchBatch,
  searchInput,
  searchResult,
  searchStreamInput,
  section,
  shownRecord,
  snapshotFilter,
  snapshotView,
} from './snapshot.ts';

const byName = z.strictObject({ name: z.string() });
const bySnapshot = z.strictObject({ snapshot: z.string() });
const byJob = z.strictObject({ job: z.string() });

/** The engine's whole interface: what the command line, the desktop and the loopback mode can ask of it. */
export const contract = {
  catalog: {
    stats: procedure.output(catalogStats),
    settings: procedure.output(keepingSettings),
    /** Those that are given; the others stay. */
    changeSettings: procedure.input(keepingChange).output(keepingSettings),
    show: procedure.output(catalogView),
    // What opens the catalog is changed by whoever has a key to it: `presentKey`. PASSPHRASE_NEEDED, WRONG_KEY else.
    /** In place of an earlier one, which goes when the new one has opened the catalog. */
    setPassphrase: procedure.input(passphraseInput).output(catalogView),
    /** The operating system's keychain opens the catalog from now on. */
    useKeychain: procedure.input(useKeychainInput).output(catalogView),
    /** It does no more. */
    leaveKeychain: procedure.input(leaveKeychainInput).output(catalogView),
    /** A new recovery key, to be shown once. It opens nothing before it is kept. */
    proposeRecoveryKey: procedure.input(proposeRecoveryKeyInput).output(recoveryKeyInput),
    /** The proposed key, typed again or read back from where it was written, takes the place of an earlier one. */
    keepRecoveryKey: procedure.input(recoveryKeyInput).output(catalogView),
  },
  environments: {
    list: procedure.output(z.array(environmentView)),
    /** The name must be free: an environment is changed by `update`, on purpose. */
    add: procedure.input(environmentInput).output(environmentView),
    update: procedure.input(environmentUpdate).output(environmentView),
    remove: procedure.input(byName).output(z.void()),
    probe: procedure.input(byName).output(probeView),
    /** Probes settings without storing anything. */
    tryOut: procedure.input(tryOutInput).output(probeView),
    /** The same, told step by step. Ends when the caller goes away. */
    tryOutSteps: procedure.input(tryOutInput).output(eventIterator(probeEvent)),
    realms: procedure.input(byName).output(z.array(realmView)),
  },
  snapshots: {
    list: procedure.input(snapshotFilter).output(z.array(snapshotView)),
    get: procedure.input(bySnapshot).output(snapshotView),
    /** The newest whole snapshot of a realm. */
    latest: procedure
      .input(z.strictObject({ environment: z.string(), realm: z.string() }))
      .output(snapshotView),
    record: procedure
      .input(z.strictObject({ snapshot: z.string(), section, key: z.string() }))
      .output(shownRecord),
    search: procedure.input(searchInput).output(searchResult),
    /** The same, told as it is found, the first ones at once, and how far it has come. Ends when the caller goes away. */
    searchStream: procedure.input(searchStreamInput).output(eventIterator(searchBatch)),
    /** Some records of a section, from anywhere in it: for tables of any length. */
    records: procedure.input(recordsInput).output(recordsPage),
    /** Some differences of two snapshots, from anywhere among them. */
    differences: procedure.input(differencesInput).output(differencesPage),
    /** The latest 60 backups of a realm, oldest first, each with what changed since the one before it. */
    neighbours: procedure.input(neighboursInput).output(z.array(neighbourView)),
    tag: procedure
      .input(
        z.strictObject({
          snapshot: z.string(),
          add: z.array(z.string()).default([]),
          remove: z.array(z.string()).default([]),
        }),
      )
      .output(snapshotView),
    pin: procedure.input(z.strictObject({ snapshot: z.string(), pinned: z.boolean() })).output(snapshotView),
    /** How many are in the trash, those whose description is damaged too. */
    trashed: procedure.output(z.number().int()),
    /** To the trash. */
    delete: procedure.input(bySnapshot).output(z.void()),
    restoreFromTrash: procedure.input(bySnapshot).output(snapshotView),
    /** What a job of kind `prune` would do now. */
    previewPrune: procedure.input(pruneInput).output(retentionView),
    /** What a job of kind `empty-trash` would do now. */
    previewEmptyTrash: procedure.input(emptyTrashInput).output(trashView),
  },
  plans: {
    list: procedure.output(z.array(planView)),
    get: procedure.input(z.strictObject({ plan: z.string() })).output(planView),
    /** Some items, from anywhere in the plan. */
    items: procedure.input(planItemsInput).output(planItemsPage),
  },
  jobs: {
    /** Starts a job and returns at once. */
    start: procedure.input(jobInput).output(jobView),
    /** The job as it changes, about four times a second; ends after its last state. */
    watch: procedure.input(byJob).output(eventIterator(jobView)),
    /**
     * Asks a job to stop at its next batch, whatever process runs it; between the commits of an apply it goes to its end.
     * One that nobody runs is canceled at once. Answers at once: `watch` shows when it has stopped.
     */
    cancel: procedure.input(byJob).output(jobView),
    /**
     * Goes on with a job that was broken off, canceled or failed (`resumable`), under the same id, where it stopped. An
     * apply goes on only if the target is what its job left: all else is refused, saying which.
     */
    resume: procedure.input(byJob).output(jobView),
    /**
     * Starts a job that tries again what failed in one that has finished: a backup of the realms, or, for an apply or a
     * seed, a `retry-plan` of the failed records, to be previewed, confirmed and applied as any other plan.
     */
    retry: procedure.input(byJob).output(jobView),
    /** The newest, with what is known of each; `get` and `halfWritten` ask the databases what became of a commit. */
    list: procedure
      .input(
        z.strictObject({
          limit: z.number().int().min(1).max(1000).default(50),
          /** Only those that are in one of these. */
          states: z.array(z.enum(JOB_STATES)).optional(),
        }),
      )
      .output(z.array(jobView)),
    /**
     * Those that have left a realm half written, or may have, as far as the databases can be asked within seconds: to be
     * told whatever is done next.
     */
    halfWritten: procedure.output(z.array(jobView)),
    get: procedure.input(byJob).output(jobView),
    report: procedure.input(byJob).output(jobReport),
    /** The secrets that the server issued in this job, until they are forgotten. */
    secrets: procedure.input(byJob).output(jobSecrets),
    /** When whoever asked for them has them: they are kept nowhere afterwards. Answers how many were forgotten. */
    forgetSecrets: procedure.input(byJob).output(z.object({ forgotten: z.number().int() })),
    /** Every item that failed, in order, in bounded batches. */
    failures: procedure.input(byJob).output(eventIterator(z.array(itemFailure))),
    /** Every step of its journal, in order, in bounded batches. */
    steps: procedure.input(byJob).output(eventIterator(z.array(jobStep))),
    /**
     * The records of the plan that it applied, in order, with what became of each, in bounded batches; those that are the
     * same on both sides are only counted in the plan. None of a job without a plan. Fails with what keeps the plan from
     * being derived again, such as a snapshot that was deleted since.
     */
    items: procedure.input(byJob).output(eventIterator(z.array(reportItem))),
    /** Its report as one document, in pieces. */
    reportText: procedure.input(reportTextInput).output(eventIterator(z.string())),
    /** JUnit XML of what was refused before a job began, as of a job that failed: pipelines want a report of every run. */
    refusalText: procedure.input(refusedWork).output(z.string()),
    /** Its report, written to a file of the computer that the engine runs on. */
    saveReport: procedure.input(saveReportInput).output(savedReport),
  },
  schedules: {
    /** By name. */
    list: procedure.output(z.array(scheduleView)),
    get: procedure.input(byName).output(scheduleView),
    /** The name must be free. */
    add: procedure.input(scheduleInput).output(scheduleView),
    /** One whose times change begins with the next of the new ones. */
    update: procedure.input(scheduleUpdate).output(scheduleView),
    /** What an expression means, before there is a schedule. Fails as `add` would. */
    explain: procedure.input(timetableInput).output(timetableView),
    remove: procedure.input(byName).output(z.void()),
    /** One that is resumed begins with the next time: what passed meanwhile was not wanted. */
    pause: procedure.input(z.strictObject({ name: z.string(), paused: z.boolean() })).output(scheduleView),
    /** The calendar: missed and coming times of all schedules that are not paused, in order. */
    upcoming: procedure.input(upcomingInput).output(z.array(upcomingRun)),
    /**
     * Runs schedules, each once at a time whatever the number of processes. Stops what runs when the caller goes away.
     */
    run: procedure.input(runSchedulesInput).output(eventIterator(scheduleEvent)),
    /** Runs that failed and that nobody has acknowledged: to be told whatever is done next. */
    failures: procedure.output(z.array(failedRun)),
    /** Of this schedule, or of all; with `until` only runs that began by then, as who was told of these does not know of others. */
    acknowledge: procedure
      .input(z.strictObject({ name: z.string().optional(), until: z.iso.datetime().optional() }))
      .output(z.object({ acknowledged: z.number().int() })),
  },
};

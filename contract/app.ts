import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { contract } from './contract.ts';
import { maintenanceContract, repairEvent, repairInput } from './maintenance.ts';
import { procedure } from './procedure.ts';
import {
  aboutView,
  createWorkspaceInput,
  moveWorkspaceInput,
  openWorkspaceInput,
  practiceView,
  preferencesChange,
  preferencesView,
  startPracticeInput,
  workspaceView,
} from './workspace.ts';

/**
 * What a window can ask for: the engine's interface, which answers while a catalog is open (PASSPHRASE_NEEDED else), and
 * what is needed around it. The command line opens an engine itself and has no use for the rest.
 */
export const appContract = {
  about: procedure.output(aboutView),
  workspace: {
    get: procedure.output(workspaceView),
    /** As it is now, and whenever it changes. */
    watch: procedure.output(eventIterator(workspaceView)),
    /** Another folder, from now on. What is open is closed: refused while jobs run. */
    choose: procedure.input(z.strictObject({ dir: z.string().min(1) })).output(workspaceView),
    create: procedure.input(createWorkspaceInput).output(workspaceView),
    open: procedure.input(openWorkspaceInput).output(workspaceView),
    /** Closes the catalog; a key is needed to open it again. Refused while jobs run. */
    lock: procedure.output(workspaceView),
    /**
     * Moves the catalog that is open: it is closed, moved, and opened in its new place. The key is that of `open`; it is
     * tried before anything is closed. `watch` tells how far it is. Refused while jobs run.
     */
    move: procedure.input(moveWorkspaceInput).output(workspaceView),
    /** The move that goes on stops at its next step, and the catalog stays where it was. */
    stopMoving: procedure.output(z.void()),
    /**
     * Whether the operating system has a keychain that keeps what it is given. Asked once, and only where somebody is to
     * choose it: a desktop may ask its user to unlock it for that.
     */
    keepsKeys: procedure.output(z.object({ keeps: z.boolean() })),
    /** How many jobs this program runs now. */
    running: procedure.output(z.object({ jobs: z.int() })),
  },
  practice: {
    get: procedure.output(practiceView),
    watch: procedure.output(eventIterator(practiceView)),
    /** Starts two OpenGate stand-ins and puts them into the catalog as environments. Answers at once. */
    start: procedure.input(startPracticeInput).output(practiceView),
    /** Ends them and takes them out of the catalog again; what was backed up from them stays. */
    stop: procedure.output(practiceView),
  },
  preferences: {
    get: procedure.output(preferencesView),
    change: procedure.input(preferencesChange).output(preferencesView),
  },
  maintenance: {
    checkRecoveryKey: maintenanceContract.checkRecoveryKey,
    /** Refused while it is open. Takes its key: none given, the keychain is asked. */
    repair: procedure.input(repairInput.extend(openWorkspaceInput.shape)).output(eventIterator(repairEvent)),
  },
  engine: contract,
};

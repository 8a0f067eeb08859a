import { z } from 'zod';
import { typedKey } from './catalog-folder.ts';
import { errorView, jobProgress } from './job.ts';
import { STAGES } from './environment.ts';

/**
 * What a window has before it: one catalog's folder, and whether it is open.
 * `absent`: there is no catalog in it; `locked`: there is one that needs a key; `failed`: there is one that cannot be
 * opened, and `error` says why.
 */
export const workspaceView = z.object({
  /** Absolute. */
  dir: z.string(),
  state: z.enum(['absent', 'locked', 'open', 'failed']),
  /** Of the last attempt to open it. */
  error: errorView.optional(),
  /** What opens it, as far as that can be told without a key. */
  opensWith: z.array(z.enum(['passphrase', 'keychain', 'recovery'])),
  /**
   * Whether the operating system has a keychain that keeps what it is given. Looked at only where a key has to be chosen,
   * and false elsewhere: `keepsKeys` tells it there.
   */
  keychain: z.boolean(),
  /** Where a catalog is kept unless another folder is chosen. */
  usualDir: z.string(),
  /** The folder was given at the start of the program, and cannot be changed in it. */
  fixed: z.boolean(),
  /** It is being moved there now, and is closed meanwhile. */
  moving: z.object({ to: z.string(), progress: jobProgress.optional() }).optional(),
  /** What became of the last move since the program began. */
  lastMove: z
    .object({
      to: z.string(),
      /** What could not be removed of the old one, as a sentence. */
      leftBehind: z.string().optional(),
      error: errorView.optional(),
    })
    .optional(),
});
export type WorkspaceView = z.infer<typeof workspaceView>;

export const createWorkspaceInput = z.strictObject({
  /** Absolute; not given: the present one. */
  dir: z.string().min(1).optional(),
  /** Exactly one of the two ways in; a passphrase is never kept outside the vault. */
  key: z.union([z.strictObject({ passphrase: z.string().min(1) }), z.literal('keychain')]),
});

export const openWorkspaceInput = z.strictObject({
  /** None: the keychain is tried. */
  key: typedKey.optional(),
});

export const moveWorkspaceInput = openWorkspaceInput.extend({
  /** Absolute. */
  to: z.string().min(1),
});

/** Two local OpenGate stand-ins to try everything with. */
export const practiceView = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'failed']),
  /** By the names under which they are in the catalog. */
  environments: z.array(
    z.object({ name: z.string(), stage: z.enum(STAGES), realms: z.array(z.string()), apiUrl: z.string() }),
  ),
  error: errorView.optional(),
});
export type PracticeView = z.infer<typeof practiceView>;

export const startPracticeInput = z.strictObject({
  dialect: z.enum(['documented', 'v1.1']).default('documented'),
  /** Of the realm `acme` in the first of them. */
  users: z.int().min(0).max(2_000_000).default(2_000),
});

/** What was half done when a window was closed, by what it belongs to; never a secret. */
const draft = z.record(z.string(), z.unknown());

export const preferencesView = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** Whether the desktop app asks once a day whether there is a newer version. Off unless it was turned on. */
  updateCheck: z.boolean(),
  /** Native notifications when a job ends. */
  notifications: z.boolean(),
  drafts: z.record(z.string(), draft),
});
export type PreferencesView = z.infer<typeof preferencesView>;

/** Members that are given; a draft that is `null` is forgotten. */
export const preferencesChange = z.strictObject({
  theme: preferencesView.shape.theme.optional(),
  updateCheck: z.boolean().optional(),
  notifications: z.boolean().optional(),
  drafts: z.record(z.string().max(100), draft.nullable()).optional(),
});
export type PreferencesChange = z.infer<typeof preferencesChange>;

/** The program that the window belongs to. */
export const aboutView = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'loopback']),
  /** As `process.platform` has it. */
  platform: z.string(),
  node: z.string(),
  licence: z.string(),
  /** Whether schedules run in it while a catalog is open. */
  runsSchedules: z.boolean(),
});
export type AboutView = z.infer<typeof aboutView>;

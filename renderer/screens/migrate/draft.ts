import { z } from 'zod';
import type { JobInput } from '../../../contract/job.ts';
import { policyInput, type PlanView, type PolicyInput } from '../../../contract/plan.ts';
import { section } from '../../../contract/snapshot.ts';

export const STEPS = ['source', 'what', 'target', 'preview', 'confirm', 'run', 'report'] as const;
export type Step = (typeof STEPS)[number];

const chosenSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('live'), environment: z.string(), realm: z.string() }),
  z.object({
    kind: z.literal('snapshot'),
    snapshot: z.string(),
    realm: z.string(),
    environment: z.string().optional(),
    startedAt: z.string(),
    /** The name of the file that it was read from just now. */
    file: z.string().optional(),
    /** It is a copy in which every user is somebody else. */
    pseudonymized: z.literal(true).optional(),
  }),
]);
export type ChosenSource = z.infer<typeof chosenSource>;

const chosenWhat = z.object({
  kind: z.enum(['everything', 'sections', 'records']),
  sections: z.array(section),
  /** "users/alice" */
  only: z.array(z.string()),
});

const decidedPolicy = policyInput.omit({ sections: true, only: true, realmName: true, exact: true });

const oneWalk = z.object({
  /** Of which catalog: ids mean nothing in another. */
  catalog: z.string(),
  step: z.enum(STEPS),
  /** A rollback, a retry, and a plan that was made before have their preview without any choice. */
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('choices') }),
    z.object({ kind: z.literal('rollback'), job: z.string() }),
    z.object({ kind: z.literal('retry'), job: z.string() }),
    z.object({ kind: z.literal('plan') }),
  ]),
  /** As a link asked for it: `walkKey`. */
  linked: z.string().optional(),
  restoring: z.boolean(),
  source: chosenSource.optional(),
  /** A file that is to be read as the source, or was, by its path. */
  file: z.string().optional(),
  what: chosenWhat,
  /** Empty: the source's. */
  realmName: z.string(),
  pseudonymise: z.object({
    on: z.boolean(),
    keepDomains: z.boolean(),
    /**
     * Whether a password was typed for everybody in the copy, and how often it was typed anew. The password itself is in no
     * draft.
     */
    password: z.object({ given: z.boolean(), times: z.number().int() }).optional(),
    /** The copy that was made, and of what. */
    copy: z.object({ of: z.string(), snapshot: z.string() }).optional(),
  }),
  target: z.string().optional(),
  policy: decidedPolicy,
  /** Which of those that are left out by name are thereby kept on the target, where they would be deleted. */
  kept: z.array(z.string()).optional().catch(undefined),
  /** What was picked and decided while another source or another target was chosen, newest first: `sides.ts`. */
  elsewhere: z
    .object({
      picked: z.array(z.object({ of: z.string(), what: chosenWhat })),
      decided: z.array(
        z.object({ of: z.string(), policy: decidedPolicy, kept: z.array(z.string()).optional() }),
      ),
    })
    .optional()
    .catch(undefined),
  preview: z
    .object({
      /** What it was made from: `previewKey`. */
      of: z.string(),
      /** Which source and which target it compares: `sidesKey`. */
      sides: z.string().optional(),
      copyJob: z.string().optional(),
      job: z.string().optional(),
      plan: z.string().optional(),
      /** Whether it can be carried out: nothing is in the way, and there is something to do. */
      ready: z.boolean().optional(),
      /** What was decided when it was made. */
      policy: policyInput.optional(),
      /** The plan that this one took the place of. */
      before: z.string().optional(),
      /** It was said that another one is to be made of what was chosen since. */
      asked: z.literal(true).optional(),
    })
    .optional(),
  run: z
    .object({
      job: z.string(),
      plan: z.string(),
      /** It came to a result, which the report tells. */
      ended: z.boolean().optional(),
    })
    .optional(),
});

export type OneWalk = z.infer<typeof oneWalk>;

/** Those of them that can be understood; there was but one, in no list, before there were several. */
function walksAside(kept: unknown): OneWalk[] {
  return (Array.isArray(kept) ? kept : [kept]).flatMap((one: unknown) => {
    const { success, data } = oneWalk.safeParse(one);
    return success ? [data] : [];
  });
}

/** What a person has decided so far; kept between windows, so without any secret. */
const wizardDraft = oneWalk.extend({
  /** What had been begun before, and can be gone back to, newest first: `aside.ts`. */
  aside: z.unknown().transform(walksAside).optional(),
  /** Home is not to tell of it until it is changed: `begun-walks.ts`. */
  putAway: z.literal(true).optional().catch(undefined),
});
export type WizardDraft = z.infer<typeof wizardDraft>;

/** Each is one that a person must make otherwise on purpose. */
export const HARMLESS: WizardDraft['policy'] = {
  realm: 'stop',
  users: 'skip',
  clients: 'stop',
  extra: 'keep',
};

export function emptyDraft(catalog: string): WizardDraft {
  return {
    catalog,
    step: 'source',
    origin: { kind: 'choices' },
    restoring: false,
    what: { kind: 'everything', sections: [], only: [] },
    realmName: '',
    pseudonymise: { on: false, keepDomains: false },
    policy: HARMLESS,
  };
}

/** As it was kept; an empty one where it cannot be understood, or belongs to another catalog. */
export function keptDraft(kept: unknown, catalog: string): WizardDraft {
  const { success, data } = wizardDraft.safeParse(kept);
  return success && data.catalog === catalog ? data : emptyDraft(catalog);
}

/** The source as the engine is told of it; undefined: none was chosen. */
export function sourceText(source: ChosenSource | undefined): string | undefined {
  if (!source) return undefined;
  return source.kind === 'snapshot' ? source.snapshot : `${source.environment}/${source.realm}`;
}

export function policyOf({ policy, what, realmName }: WizardDraft): PolicyInput {
  return {
    ...policy,
    ...(what.kind === 'sections' && { sections: what.sections }),
    ...(what.kind === 'records' && { only: what.only }),
    ...(realmName !== '' && { realmName }),
  };
}

/** Under another name it goes into another realm: what was decided of the one that is there is not decided of that. */
export function withRealmName(draft: WizardDraft, realmName: string): WizardDraft {
  const { leftovers: _, update: __, ...policy } = draft.policy;
  const { realm, extra } = HARMLESS;
  return { ...draft, realmName, policy: { ...policy, realm, extra } };
}

/** With another password for everybody in the copy: another copy. @param given whether there is one */
export function withPassword(draft: WizardDraft, given: boolean): WizardDraft {
  const { pseudonymise } = draft;
  const times = (pseudonymise.password?.times ?? 0) + 1;
  return { ...draft, pseudonymise: { ...pseudonymise, password: { given, times } } };
}

/** With the preview that was asked for. */
export function withPlan(
  draft: WizardDraft,
  plan: Pick<PlanView, 'plan' | 'blocked' | 'empty' | 'applied'>,
): WizardDraft {
  const { preview } = draft;
  if (!preview) return draft;
  return { ...draft, preview: { ...preview, plan: plan.plan, ready: isReady(plan) } };
}

/** The preview of just these choices; undefined: there is none, or it is being made. */
export function currentPreview(draft: WizardDraft): WizardDraft['preview'] {
  const { preview } = draft;
  return preview?.plan !== undefined && preview.of === previewKey(draft) ? preview : undefined;
}

/**
 * Whether coming to the preview makes one. Where nothing but decisions are new, the old one stays with what was decided
 * beside it until another is asked for: making it reads both sides again.
 */
export function isToBeMade(draft: WizardDraft): boolean {
  const { preview } = draft;
  if (preview?.of === previewKey(draft)) return false;
  if (!preview?.policy || preview.plan === undefined || preview.asked) return true;
  return preview.of !== previewKey({ ...draft, policy: preview.policy });
}

/** With the wish that the preview is made of what is chosen now. */
export function withPreviewAsked(draft: WizardDraft): WizardDraft {
  const { preview } = draft;
  return preview && preview.of !== previewKey(draft)
    ? { ...draft, preview: { ...preview, asked: true } }
    : draft;
}

/** With the wish for another preview of the same: also the copy that it was made from is made anew, where that can be another. */
export function withPreviewAnew(draft: WizardDraft): WizardDraft {
  const { copy: _, ...pseudonymise } = draft.pseudonymise;
  return withoutPreview(draft.source?.kind === 'live' ? { ...draft, pseudonymise } : draft);
}

export function withoutPreview(draft: WizardDraft): WizardDraft {
  const { preview: _, ...rest } = draft;
  return rest;
}

/** What the copy of everybody is made from; another source, another way or another password is another copy. */
export function copyKey({ source, pseudonymise: { keepDomains, password } }: WizardDraft): string {
  return JSON.stringify([sourceText(source), keepDomains, password?.times ?? 0]);
}

/** The copy that was made of just this; undefined: it has to be made. */
export function madeCopy(draft: WizardDraft): string | undefined {
  const { copy } = draft.pseudonymise;
  return copy?.of === copyKey(draft) ? copy.snapshot : undefined;
}

/** What is compared, whatever was decided about it: only between the same two can a preview be calculated anew. */
export function sidesKey(draft: WizardDraft): string {
  const { source, pseudonymise, target, realmName } = draft;
  return JSON.stringify([sourceText(source), pseudonymise.on && copyKey(draft), target, realmName]);
}

/** What a preview follows from: it is out of date once this is another. */
export function previewKey(draft: WizardDraft): string {
  const { origin, source, pseudonymise, target } = draft;
  if (origin.kind !== 'choices') return JSON.stringify(origin);
  return JSON.stringify([
    sourceText(source),
    pseudonymise.on && copyKey(draft),
    target,
    Object.entries(policyOf(draft)).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** The job that makes the preview. @param from the snapshot to plan from, where the source was read already */
export function previewJob(draft: WizardDraft, from?: string): Extract<JobInput, { kind: 'plan' }> {
  return {
    kind: 'plan',
    source: from ?? sourceText(draft.source) ?? '',
    environment: draft.target ?? '',
    policy: policyOf(draft),
  };
}

/** The steps of this walk. */
export function stepsOf({ origin }: Pick<WizardDraft, 'origin'>): readonly Step[] {
  return origin.kind === 'choices' ? STEPS : STEPS.slice(STEPS.indexOf('preview'));
}

/** How far one can go: a step is open when those before it have what it needs. */
export function lastOpenStep(draft: WizardDraft): Step {
  const { origin, source, what, target, preview, run } = draft;
  if (run) return run.ended ? 'report' : 'run';
  if (origin.kind === 'choices') {
    if (!source) return 'source';
    if (!isWhatChosen(what) || !isNameAllowed(draft)) return 'what';
    if (target === undefined) return 'target';
  }
  return preview?.ready && preview.of === previewKey(draft) ? 'confirm' : 'preview';
}

export function isWhatChosen(what: WizardDraft['what']): boolean {
  if (what.kind === 'sections') return what.sections.length > 0;
  return what.kind !== 'records' || what.only.length > 0;
}

const REALM_NAME = /^[a-z0-9-]*$/;

/** Whether a realm can have the name that was typed. */
export function isNameAllowed({ realmName }: Pick<WizardDraft, 'realmName'>): boolean {
  return REALM_NAME.test(realmName);
}

/** The realm that is written to. */
export function targetRealm({ realmName, source }: WizardDraft): string {
  return realmName === '' ? (source?.realm ?? '') : realmName;
}

/** What the walk is called. */
export function walkTitle({ origin, restoring }: Pick<WizardDraft, 'origin' | 'restoring'>): string {
  if (origin.kind === 'rollback') return 'Undo';
  if (origin.kind === 'retry') return 'Try again';
  return restoring ? 'Restore' : 'Migrate & restore';
}

/** Whether a plan can be carried out as it is. */
export function isReady({
  blocked,
  empty,
  applied,
}: Pick<PlanView, 'blocked' | 'empty' | 'applied'>): boolean {
  return !blocked && !empty && !applied;
}

import { HARMLESS, sourceText, type ChosenSource, type WizardDraft } from './draft.ts';
import { newestThatFit } from './newest.ts';

type Elsewhere = NonNullable<WizardDraft['elsewhere']>;
type Decided = Elsewhere['decided'][number];

/** Of how many other sides the choices are kept, and how long they may be together, in characters. */
const MOST = 8;
const MOST_TEXT = 30_000;

const EVERYTHING: WizardDraft['what'] = { kind: 'everything', sections: [], only: [] };

/**
 * With another source: what was picked, and decided, was so by what the other one holds. Where this one was chosen before,
 * what was picked and decided then holds again.
 */
export function withSource(draft: WizardDraft, chosen: ChosenSource | undefined): WizardDraft {
  const { source, file, ...others } = draft;
  const isRead = chosen?.kind === 'snapshot' && chosen.file !== undefined;
  const rest = { ...others, ...(isRead && file !== undefined && { file }) };
  if (chosen && sourceText(chosen) === sourceText(source)) return { ...rest, source: chosen };
  const elsewhere = remembered(draft);
  const after = { ...rest, ...(chosen && { source: chosen }), ...(elsewhere && { elsewhere }) };
  const picked = elsewhere?.picked.find(({ of }) => of === sourceText(chosen));
  return decidedBefore({ ...after, what: picked?.what ?? EVERYTHING });
}

/** With a file that is not read yet: until it is, there is no source. @param file its path */
export function withFile(draft: WizardDraft, file: string): WizardDraft {
  return { ...withSource(draft, undefined), file };
}

/**
 * With another target: who agreed to overwrite one has not agreed to overwrite this one. Where this one was chosen before,
 * what was decided of it then holds again.
 */
export function withTarget(draft: WizardDraft, target: string): WizardDraft {
  if (draft.target === undefined || draft.target === target) return { ...draft, target };
  const elsewhere = remembered(draft);
  return decidedBefore({ ...draft, target, ...(elsewhere && { elsewhere }) });
}

/** What is to be found again when these sides are chosen again; undefined: nothing was chosen of any. */
function remembered({ elsewhere, source, target, what, ...draft }: WizardDraft): Elsewhere | undefined {
  const { policy, kept } = draft;
  const of = sourceText(source);
  const sides = target === undefined ? undefined : sidesOf({ ...draft, source, target });
  if (of === undefined) return elsewhere;
  const picked = {
    others: (elsewhere?.picked ?? []).filter((one) => one.of !== of),
    now: what.kind === 'everything' ? [] : [{ of, what }],
  };
  const decided = {
    others: (elsewhere?.decided ?? []).filter((one) => one.of !== sides),
    now: sides === undefined || isHarmless(draft) ? [] : [{ of: sides, policy, ...(kept && { kept }) }],
  };
  return {
    picked: newestThatFit([...picked.now, ...picked.others], MOST, MOST_TEXT),
    decided: newestThatFit<Decided>([...decided.now, ...decided.others], MOST, MOST_TEXT),
  };
}

function decidedBefore(draft: WizardDraft): WizardDraft {
  const sides = sidesOf(draft);
  const { kept: _, ...others } = draft;
  const { policy, kept } = draft.elsewhere?.decided.find(({ of }) => of === sides) ?? { policy: HARMLESS };
  return { ...others, policy, ...(kept && { kept }) };
}

/** Between what it was decided: of a realm of another name, too, something else was. */
function sidesOf({
  source,
  target,
  realmName,
}: Pick<WizardDraft, 'source' | 'target' | 'realmName'>): string {
  return JSON.stringify([sourceText(source), target, realmName]);
}

function isHarmless({ policy }: Pick<WizardDraft, 'policy'>): boolean {
  const names = new Set([...Object.keys(policy), ...Object.keys(HARMLESS)]) as Set<keyof typeof policy>;
  return [...names].every((name) => policy[name] === HARMLESS[name]);
}

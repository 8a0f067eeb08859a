import type { RetentionPolicyInput } from '../../../../contract/retention.ts';
import { SECTIONS, type Section } from '../../../../contract/sections.ts';
import type { ScheduleForm } from './schedule-form.ts';

/** What had been chosen or typed before something was switched off: it is there again when that is switched on. */
export interface SetAside {
  /** By environment, since each has other realms: what was chosen when another was taken; undefined: every realm. */
  readonly realms: Readonly<Record<string, readonly string[] | undefined>>;
  /** By environment: which realms only, before it was every one. */
  readonly onlyRealms: Readonly<Record<string, readonly string[]>>;
  readonly sections?: readonly Section[];
  readonly retention?: RetentionPolicyInput;
}

export const NOTHING_ASIDE: SetAside = { realms: {}, onlyRealms: {} };

type Part = Partial<ScheduleForm>;

/** Realms belong to their environment. */
export function withEnvironment({ aside, ...form }: ScheduleForm, environment: string): Part {
  if (environment === form.environment) return {};
  return {
    environment,
    realms: aside.realms[environment],
    aside: { ...aside, realms: { ...aside.realms, [form.environment]: form.realms } },
  };
}

export function withRealms({ aside, environment, realms }: ScheduleForm, which: 'all' | 'some'): Part {
  if (which === 'some') return { realms: realms ?? aside.onlyRealms[environment] ?? [] };
  if (realms === undefined) return {};
  return {
    realms: undefined,
    aside: { ...aside, onlyRealms: { ...aside.onlyRealms, [environment]: realms } },
  };
}

export function withSections({ aside, sections }: ScheduleForm, onlySome: boolean): Part {
  if (onlySome) return { sections: sections ?? aside.sections ?? SECTIONS };
  return { sections: undefined, ...(sections && { aside: { ...aside, sections } }) };
}

/** @param usual where no policy was ever there */
export function withRetention(
  { aside, retention }: ScheduleForm,
  letsGo: boolean,
  usual: RetentionPolicyInput,
): Part {
  if (letsGo) return { retention: retention ?? aside.retention ?? usual };
  return { retention: undefined, ...(retention && { aside: { ...aside, retention } }) };
}

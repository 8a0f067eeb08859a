import type { RetentionPolicyInput } from '../../../../contract/retention.ts';
import {
  scheduleInput,
  type ScheduleInput,
  type ScheduleUpdate,
  type ScheduleView,
} from '../../../../contract/schedule.ts';
import { narrowed, type Section as RealmSection } from '../../../../contract/sections.ts';
import { asAppError } from '../../../../contract/wire.ts';
import { windowText } from '../../../wording/window-words.ts';
import { NOTHING_ASIDE, type SetAside } from './set-aside.ts';

/** A schedule as it is typed. */
export interface ScheduleForm {
  readonly name: string;
  readonly environment: string;
  /** Undefined: every realm. */
  readonly realms: readonly string[] | undefined;
  readonly sections: readonly RealmSection[] | undefined;
  readonly credentials: boolean;
  readonly tags: readonly string[];
  readonly cron: string;
  readonly timeZone: string;
  readonly retention: RetentionPolicyInput | undefined;
  readonly program: string;
  /** One on each line. */
  readonly args: string;
  /** Of one that is stored: empty, it stays. */
  readonly webhookUrl: string;
  /** The stored address goes, and nothing is posted any more. */
  readonly forgetsWebhook: boolean;
  readonly aside: SetAside;
}

/** What is wrong, by field, in plain words. */
export type ScheduleIssues = Readonly<Record<string, string>>;

/** A stored schedule, to be changed; the webhook's address is a secret that is not told. */
export function formOf(schedule: ScheduleView): ScheduleForm {
  const { name, environment, realms, sections, credentials, tags, cron, timeZone, retention } = schedule;
  const { command } = schedule.onFailure;
  return {
    name,
    environment,
    realms,
    sections,
    credentials,
    tags,
    cron,
    timeZone,
    retention,
    program: command?.program ?? '',
    args: command?.args.join('\n') ?? '',
    webhookUrl: '',
    forgetsWebhook: false,
    aside: NOTHING_ASIDE,
  };
}

/** What may be kept of it while another screen is looked at: whoever knows the webhook's address may post there. */
export function withoutSecrets(form: ScheduleForm): ScheduleForm {
  return { ...form, webhookUrl: '' };
}

export function inputOf(form: ScheduleForm): ScheduleInput {
  const command = commandOf(form);
  const sections = narrowed(form.sections);
  return {
    name: form.name.trim(),
    cron: form.cron.trim(),
    timeZone: form.timeZone,
    environment: form.environment,
    ...(form.realms && { realms: [...form.realms] }),
    ...(sections && { sections }),
    credentials: form.credentials,
    tags: [...form.tags],
    ...(form.retention && { retention: form.retention }),
    onFailure: {
      ...(command && { command }),
      ...(!form.forgetsWebhook && form.webhookUrl.trim() !== '' && { webhookUrl: form.webhookUrl.trim() }),
    },
  };
}

/**
 * What was changed of a stored schedule, and nothing else: what somebody else has changed meanwhile stays.
 *
 * @param before what the form was filled with
 * @returns undefined where nothing was
 */
export function updateOf(before: ScheduleView, form: ScheduleForm): ScheduleUpdate | undefined {
  const was = inputOf(formOf(before));
  const is = inputOf(form);
  const isOther = (member: keyof ScheduleInput): boolean =>
    JSON.stringify(is[member]) !== JSON.stringify(was[member]);
  const { webhookUrl } = is.onFailure ?? {};
  const change = {
    ...(isOther('name') && { newName: is.name }),
    ...(isOther('cron') && { cron: is.cron }),
    ...(isOther('timeZone') && { timeZone: is.timeZone }),
    ...(isOther('environment') && { environment: is.environment }),
    ...(isOther('realms') && { realms: is.realms ?? null }),
    ...(isOther('sections') && { sections: is.sections ?? null }),
    ...(isOther('credentials') && { credentials: form.credentials }),
    ...(isOther('tags') && { tags: [...form.tags] }),
    ...(isOther('retention') && { retention: is.retention ?? null }),
    ...(JSON.stringify(is.onFailure?.command) !== JSON.stringify(was.onFailure?.command) && {
      command: is.onFailure?.command ?? null,
    }),
    ...(webhookUrl !== undefined
      ? { webhookUrl }
      : form.forgetsWebhook && before.onFailure.webhook && { webhookUrl: null }),
  };
  return Object.keys(change).length === 0 ? undefined : { name: before.name, ...change };
}

function commandOf({ program, args }: ScheduleForm): { program: string; args: string[] } | undefined {
  if (program.trim() === '') return undefined;
  return { program: program.trim(), args: args.split('\n').filter((line) => line !== '') };
}

/** By the same rules that the engine has; nothing where it would take it. */
export function issuesOf(form: ScheduleForm): ScheduleIssues {
  const issues: Record<string, string> = {};
  if (form.environment === '') issues['environment'] = 'Choose the environment.';
  if (form.realms?.length === 0) issues['realms'] = 'Name at least one realm, or choose every realm.';
  if (form.sections?.length === 0) issues['sections'] = 'Choose at least one section.';
  if (form.args.trim() !== '' && form.program.trim() === '')
    issues['onFailure.command'] = 'Arguments need a program.';
  if (form.cron.trim() === '') issues['cron'] = 'Choose how often, or write an expression.';
  const { error } = scheduleInput.safeParse(inputOf(form));
  for (const { path, message } of error?.issues ?? []) {
    const name = path
      .slice(0, path[0] === 'onFailure' ? 2 : 1)
      .map(String)
      .join('.');
    issues[name] ??= NAMED[name] ?? message;
  }
  return issues;
}

const NAMED: ScheduleIssues = {
  name: 'Lower-case letters, digits and hyphens, at most 63.',
  'onFailure.webhookUrl': 'An address that begins with http:// or https://.',
};

/** What the engine refused, at its field; undefined: it concerns no single one. */
export function refusedAt(thrown: unknown): ScheduleIssues | undefined {
  const { message, remedy, details } = asAppError(thrown);
  const field = details['environment'] === undefined ? details['setting'] : 'environment';
  return typeof field === 'string' ? { [field]: windowText(`${message} ${remedy}`) } : undefined;
}

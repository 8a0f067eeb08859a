import type { EnvironmentView } from '../../../contract/environment.ts';
import type { PlanView } from '../../../contract/plan.ts';
import type { SnapshotView } from '../../../contract/snapshot.ts';
import { latestOf, liveOf } from '../../../contract/source-form.ts';
import type { AppClient } from '../../client/connection.ts';
import { emptyDraft, isReady, type ChosenSource, type WizardDraft } from './draft.ts';

/** What a link into the wizard says: `/migrate?source=…&target=…&only=users/alice`. */
export interface Presets {
  /** A snapshot's id, `latest:environment/realm`, `environment/realm` or the path of a file that the engine can read. */
  readonly source: string | undefined;
  readonly target: string | undefined;
  readonly only: readonly string[];
  /** A job to be undone. */
  readonly job: string | undefined;
  /** A job of which the failed records are tried again. */
  readonly retry: string | undefined;
  /** A plan that was made before. */
  readonly plan: string | undefined;
  /** A plan that is out of date: what was chosen for it is chosen, and another preview is made. */
  readonly again: string | undefined;
}

export function presetsOf(search: string): Presets | undefined {
  const given = new URLSearchParams(search);
  const presets: Presets = {
    source: given.get('source') ?? undefined,
    target: given.get('target') ?? undefined,
    only: given.getAll('only'),
    job: given.get('job') ?? undefined,
    retry: given.get('retry') ?? undefined,
    plan: given.get('plan') ?? undefined,
    again: given.get('again') ?? undefined,
  };
  const { only: _, ...single } = presets;
  return Object.values(single).some((given) => given !== undefined) ? presets : undefined;
}

/** The walk that a link asks for. @throws what the engine says of a snapshot that is not there */
export async function presetDraft(
  client: AppClient,
  { source, target, only, job, retry, plan, again }: Presets,
  catalog: string,
): Promise<WizardDraft> {
  const empty = emptyDraft(catalog);
  if (job !== undefined) return { ...empty, step: 'preview', origin: { kind: 'rollback', job } };
  if (retry !== undefined) return { ...empty, step: 'preview', origin: { kind: 'retry', job: retry } };
  if (plan !== undefined) {
    const origin = { kind: 'plan' } as const;
    const made = await client.engine.plans.get({ plan });
    const preview = { of: JSON.stringify(origin), plan: made.plan, ready: isReady(made) };
    return { ...empty, step: 'preview', origin, preview };
  }
  if (again !== undefined)
    return await draftLike(client, await client.engine.plans.get({ plan: again }), empty);
  const environments = await client.engine.environments.list();
  const chosen = source === undefined ? undefined : await sourceOf(client, source, environments);
  const isKnown = (name: string | undefined): name is string =>
    environments.some((environment) => environment.name === name);
  const home = chosen?.kind === 'snapshot' ? chosen.environment : undefined;
  const to = target ?? (isKnown(home) ? home : undefined);
  const restoring = chosen?.kind === 'snapshot' && (target === undefined || target === home);
  return {
    ...empty,
    restoring,
    step: chosen ? (only.length > 0 && to !== undefined ? 'target' : 'what') : 'source',
    ...(chosen && { source: chosen }),
    // A file must be read first: that is done in the window, where one sees how far it is.
    ...(!chosen && source !== undefined && { file: source }),
    ...(isKnown(to) && { target: to }),
    ...(only.length > 0 && {
      what: { kind: 'records', sections: [], only: [...only] },
      // Who names single records means these: they are brought into the realm that is there. The preview shows it first.
      policy: { ...empty.policy, realm: 'merge', users: 'merge' },
    }),
  };
}

/** What was chosen for a plan, from the very snapshot that it was made from: the same between the same two. */
async function draftLike(
  client: AppClient,
  { source: { snapshot }, target, undoes, policy }: PlanView,
  empty: WizardDraft,
): Promise<WizardDraft> {
  if (undoes !== undefined) return { ...empty, step: 'preview', origin: { kind: 'rollback', job: undoes } };
  const source = snapshotSource(await client.engine.snapshots.get({ snapshot }));
  const { sections = [], only = [], realmName = '', exact: _, ...decided } = policy;
  const kind = only.length > 0 ? 'records' : sections.length > 0 ? 'sections' : 'everything';
  return {
    ...empty,
    step: 'preview',
    restoring: source.environment === target.environment,
    source,
    target: target.environment,
    realmName,
    what: { kind, sections, only },
    policy: { ...empty.policy, ...decided },
  };
}

async function sourceOf(
  client: AppClient,
  text: string,
  environments: readonly EnvironmentView[],
): Promise<ChosenSource | undefined> {
  const latest = latestOf(text);
  if (latest) return snapshotSource(await client.engine.snapshots.latest({ ...latest }));
  const live = liveOf(text);
  if (live && environments.some(({ name }) => name === live.environment)) return { kind: 'live', ...live };
  if (isPath(text)) return undefined;
  return snapshotSource(await client.engine.snapshots.get({ snapshot: text }));
}

function isPath(text: string): boolean {
  return /[/\\.]/.test(text);
}

export function snapshotSource({
  id,
  realm,
  environment,
  startedAt,
  pseudonymized,
}: SnapshotView): ChosenSource {
  return {
    kind: 'snapshot',
    snapshot: id,
    realm,
    startedAt,
    ...(environment !== undefined && { environment }),
    ...(pseudonymized && { pseudonymized: true as const }),
  };
}

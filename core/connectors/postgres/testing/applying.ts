import { expect } from 'vitest';
import { AppError, type ErrorCode } from '../../../../contract/errors.ts';
import type { EnvironmentHandle } from '../../../../sandbox/index.ts';
import { compareKeys } from '../../../model/key-order.ts';
import { naturalKey } from '../../../model/natural-key.ts';
import type { JsonObject } from '../../../model/record.ts';
import { SECTIONS, type Section } from '../../../model/sections.ts';
import type { RealmContent } from '../../testing/conformance-content.ts';
import type { ApplyItem, ApplyStep, ApplyTarget, Connector, TargetSession } from '../../connector.ts';
import { SERVICES, TABLE_NAMES, TABLES, type Service } from '../services.ts';

export const never = new AbortController().signal;

export async function* inBatches(items: readonly ApplyItem[]): AsyncGenerator<readonly ApplyItem[]> {
  for (let at = 0; at < items.length; at += 1_000) yield await Promise.resolve(items.slice(at, at + 1_000));
}

/** @param before told of each step before it runs, with its number */
export async function runSteps(
  session: TargetSession,
  target: ApplyTarget,
  items: readonly ApplyItem[],
  before?: (step: ApplyStep, at: number) => Promise<void>,
): Promise<string[]> {
  const warnings: string[] = [];
  let at = 0;
  for await (const step of session.applySteps(target, inBatches(items))) {
    await before?.(step, at++);
    await step.facts?.(never);
    warnings.push(...((await step.run(never)).warnings ?? []));
  }
  return warnings;
}

/** Carries out a whole apply. @returns its warnings */
export async function applyAll(
  connector: Connector,
  target: ApplyTarget,
  items: readonly ApplyItem[],
  before?: (step: ApplyStep, at: number) => Promise<void>,
): Promise<string[]> {
  const session = await connector.openTarget(target.realm, {}, never);
  try {
    return await runSteps(session, target, items, before);
  } finally {
    await session.close();
  }
}

export function creations({ sections }: Pick<RealmContent, 'sections'>): ApplyItem[] {
  return SECTIONS.flatMap((section) =>
    (sections[section] ?? [])
      .map((body): ApplyItem => ({ section, key: naturalKey(section, body), action: 'create', body }))
      .sort((a, b) => compareKeys(a.key, b.key)),
  );
}

export function item(section: Section, action: ApplyItem['action'], body: JsonObject): ApplyItem {
  return { section, key: naturalKey(section, body), action, body };
}

export async function failureOf(work: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  expect(error).toMatchObject({ code });
  return error as AppError;
}

/** A fingerprint of every row of each service's tables, whosever it is. */
export async function fingerprints(target: EnvironmentHandle): Promise<Record<Service, string>> {
  const of = async (service: Service): Promise<[Service, string]> => {
    const own = TABLE_NAMES.filter((name) => TABLES[name].service === service);
    const rows = await Promise.all(
      own.map((name) =>
        target.query<{ sum: string }>(
          service,
          `SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"), '')) AS sum FROM ${name} t`,
        ),
      ),
    );
    return [service, rows.map(([row]) => row!.sum).join()];
  };
  return Object.fromEntries(await Promise.all(SERVICES.map(of))) as Record<Service, string>;
}

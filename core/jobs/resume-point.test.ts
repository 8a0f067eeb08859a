import { describe, expect, it } from 'vitest';
import type { JournalStep } from '../catalog/jobs/job.ts';
import type { ApplyStep } from '../connectors/connector.ts';
import { resumePoint } from './resume-point.ts';

const USERS = ['a', 'b', 'c', 'd', 'e', 'f'];
const STEPS = [0, 2, 4].map((at): ApplyStep => ({
  label: `new users ${at + 1}–${at + 2}`,
  section: 'users',
  items: USERS.slice(at, at + 2).map((key) => ({ section: 'users', key, action: 'create' })),
  repeatable: true,
  run: () => Promise.reject(new Error('Nothing is run.')),
}));

async function* inOrder(): AsyncGenerator<ApplyStep> {
  for (const step of STEPS) yield await Promise.resolve(step);
}

function journalled(step: ApplyStep, outcome: JournalStep['outcome'], seq = 1): JournalStep {
  const intent = {
    section: step.section,
    items: step.items.length,
    firstKey: step.items[0]!.key,
    lastKey: step.items.at(-1)!.key,
    direct: true,
  };
  return { seq, label: step.label, intent, intentAt: '', outcome, result: null, outcomeAt: null };
}

const from = async (journal: JournalStep[]) =>
  await resumePoint(journal, inOrder(), { databasesWritten: false, transactional: false });
const states = (point: Awaited<ReturnType<typeof from>>, assuming?: 'done' | 'pending') => {
  const work = point.work(assuming);
  return USERS.map((key) => work.stateOf({ section: 'users', key, action: 'create' }));
};

describe('where a job goes on', () => {
  it('is after the steps that are acknowledged', async () => {
    const point = await from([journalled(STEPS[0]!, 'done')]);
    expect(point).toMatchObject({ steps: 1, items: 2 });
    expect(point.open).toBeUndefined();
    expect(states(point)).toEqual(['done', 'done', 'pending', 'pending', 'pending', 'pending']);
  });

  it('is at the step that was begun and never acknowledged', async () => {
    const point = await from([journalled(STEPS[0]!, 'done'), journalled(STEPS[1]!, null, 7)]);
    expect(point).toMatchObject({
      steps: 1,
      items: 2,
      open: { seq: 7, step: { section: 'users', items: 2 } },
    });
    expect(states(point)).toEqual(['done', 'done', 'open', 'open', 'pending', 'pending']);
    expect(states(point, 'done').slice(2, 4)).toEqual(['done', 'done']);
    expect(states(point, 'pending').slice(2, 4)).toEqual(['pending', 'pending']);
  });

  it('is before a step that failed, as often as it did', async () => {
    const failed = journalled(STEPS[1]!, 'failed');
    const point = await from([journalled(STEPS[0]!, 'done'), failed, failed]);
    expect(point).toMatchObject({ steps: 1 });
    expect(point.open).toBeUndefined();
  });

  it('passes over what does not write at once', async () => {
    const safety = { ...journalled(STEPS[0]!, 'done'), intent: { kind: 'safety' } };
    expect(await from([safety, journalled(STEPS[0]!, 'done')])).toMatchObject({ steps: 1 });
  });

  it('is nowhere when the plan comes to other steps', async () => {
    const other = { ...journalled(STEPS[0]!, 'done'), label: 'new users 1–3' };
    await expect(from([other])).rejects.toMatchObject({ code: 'PLAN_OUTDATED' });
    const more = [...STEPS, STEPS[2]!].map((step) => journalled(step, 'done'));
    await expect(from(more)).rejects.toMatchObject({ code: 'PLAN_OUTDATED' });
    const otherKeys = journalled(STEPS[0]!, 'done');
    await expect(
      from([{ ...otherKeys, intent: { ...otherKeys.intent, lastKey: 'z' } }]),
    ).rejects.toMatchObject({ code: 'PLAN_OUTDATED' });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestCatalogs } from '../test-catalog.ts';
import type { PlanStore } from './plan-store.ts';

const catalogs = new TestCatalogs();
let plans: PlanStore;
beforeEach(async () => {
  ({ plans } = await catalogs.open({ testing: { now: () => new Date('2026-03-01T00:00:00Z') } }));
});
afterEach(() => catalogs.clear());

const plan = (id: string, createdAt = '2026-02-01T00:00:00.000Z') => ({
  id,
  createdAt,
  document: { source: { realm: 'acme' }, digest: `digest of ${id}`, note: 'ünïcödé 🚀' },
});

describe('plans', () => {
  it('come out as they went in', () => {
    const saved = plans.save(plan('abc123'));
    expect(saved).toEqual({ ...plan('abc123'), status: 'open' });
    expect(plans.get('abc123')).toEqual(saved);
    expect(plans.get('ABC')).toEqual(saved);
  });

  it('are found by a prefix that fits one only; a whole id always fits', () => {
    for (const id of ['abc1', 'abc2', 'abc']) plans.save(plan(id));
    expect(plans.get('abc').id).toBe('abc');
    expect(plans.get('abc2').id).toBe('abc2');
    expect(() => plans.get('ab')).toThrow(
      expect.objectContaining({ code: 'AMBIGUOUS', details: { matches: ['abc', 'abc1', 'abc2'] } }),
    );
    for (const id of ['x', '', '%', 'abc_'])
      expect(() => plans.get(id)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it('are listed newest first', () => {
    for (const id of ['p1', 'p2', 'p3']) plans.save(plan(id));
    plans.markApplied('p2', 'job1');
    expect(plans.list().map(({ id }) => id)).toEqual(['p3', 'p2', 'p1']);
    expect(plans.list({ limit: 1 }).map(({ id }) => id)).toEqual(['p3']);
    expect(plans.list({ status: 'open' }).map(({ id }) => id)).toEqual(['p3', 'p1']);
  });

  it('say which job applied them, and when', () => {
    plans.save(plan('p1'));
    expect(plans.markApplied('p1', 'job1')).toEqual({
      ...plan('p1'),
      status: 'applied',
      appliedAt: '2026-03-01T00:00:00.000Z',
      appliedBy: 'job1',
    });
  });

  it('expire while they are open', () => {
    plans.save(plan('old', '2026-01-01T00:00:00.000Z'));
    plans.save(plan('used', '2026-01-01T00:00:00.000Z'));
    plans.save(plan('new', '2026-02-01T00:00:00.000Z'));
    plans.markApplied('used', 'job1');
    expect(plans.expire(new Date('2026-01-15T00:00:00Z'))).toBe(1);
    expect(plans.list().map(({ id }) => id)).toEqual(['new', 'used']);
  });

  it('do not replace one another', () => {
    plans.save(plan('p1'));
    expect(() => plans.save({ ...plan('p1'), document: {} })).toThrow(
      expect.objectContaining({ code: 'INTERNAL' }),
    );
    expect(plans.get('p1').document).toEqual(plan('p1').document);
  });
});

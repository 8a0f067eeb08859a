import { expect, it } from 'vitest';
import type { PlanItemView } from '../../../contract/plan.ts';
import { kindsOf } from './conflict-kinds.ts';

const conflict = (key: string, reason: string, explanation: string): PlanItemView => ({
  section: 'users',
  key,
  action: 'conflict',
  reason,
  explanation,
  changes: [],
  warnings: [],
});

it('tells of several conflicts only what they have in common, and of one what it is', () => {
  const items = [
    conflict('ann', 'email-taken', 'The e-mail address belongs to another user (“legacy-1”).'),
    conflict('bob', 'email-taken', 'The e-mail address belongs to another user (“legacy-2”).'),
    conflict('eve', 'differs-only-by-case', 'The target has “EVE”.'),
    conflict('one', 'route-cannot', 'This user cannot be written over this channel.'),
    conflict('two', 'route-cannot', 'This user cannot be written over this channel.'),
    conflict('x', 'of-tomorrow', 'Because of y.'),
    conflict('z', 'of-tomorrow', 'Because of a.'),
  ];
  expect(kindsOf(items).map(({ reason, items: of }) => [of.length, reason])).toEqual([
    [2, 'Their e-mail addresses belong to other users; OpenGate allows each address once in a realm.'],
    [1, 'The target has “EVE”.'],
    [2, 'This user cannot be written over this channel.'],
    [2, 'Each for a reason of its own.'],
  ]);
});

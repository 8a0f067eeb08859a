import { expect, test } from 'vitest';
import { retentionQuestion } from './retention-question.ts';

const VIEW = { trashed: 2, expired: 0, kept: 1, grace: '14d' };

test('what goes to the trash is asked for by its number', () => {
  expect(retentionQuestion(VIEW)).toEqual({
    title: 'Let these snapshots go?',
    action: 'Move 2 snapshots to the trash',
    typed: { label: 'Type 2, how many go', text: '2' },
    sentences: ['2 snapshots go to the trash, for 14d: until then each can be had back.', '1 stays.'],
  });
});

test('what is only deleted for good is said and asked for as that', () => {
  const { action, typed, sentences } = retentionQuestion({ ...VIEW, trashed: 0, expired: 3 });
  expect([action, typed.text]).toEqual(['Delete 3 snapshots for good', '3']);
  expect(sentences[0]).toMatch(/^3 snapshots that have .* are deleted for good\. This cannot be undone\.$/);
});

test('what does both says both', () => {
  const { action, typed, sentences } = retentionQuestion({ ...VIEW, expired: 1 });
  expect([action, typed.text]).toEqual(['Move 2 snapshots to the trash, delete 1 for good', '3']);
  expect(sentences.at(-1)).toContain('is deleted for good');
});

import { expect, test } from 'vitest';
import { retentionPolicy } from '../../../../contract/retention.ts';
import { scheduleUpdate, type ScheduleView } from '../../../../contract/schedule.ts';
import { SECTIONS } from '../../../../contract/sections.ts';
import { formOf, inputOf, issuesOf, updateOf } from './schedule-form.ts';

const STORED: ScheduleView = {
  name: 'nightly',
  cron: '0 2 * * *',
  says: 'At 02:00, every day',
  timeZone: 'UTC',
  environment: 'dev',
  realms: ['acme'],
  sections: ['realm', 'users'],
  credentials: true,
  tags: ['kept'],
  retention: retentionPolicy.parse({ keepDaily: 7, timeZone: 'UTC' }),
  onFailure: { command: { program: '/bin/tell', args: ['a', 'b c'] }, webhook: true },
  paused: false,
  createdAt: '2027-03-01T12:00:00.000Z',
  runs: [],
};

test('what is not touched is no change', () => {
  expect(issuesOf(formOf(STORED))).toEqual({});
  expect(updateOf(STORED, formOf(STORED))).toBeUndefined();
});

test('what is taken away is told as taken away, and nothing else', () => {
  const form = { ...formOf(STORED), realms: undefined, sections: undefined, retention: undefined };
  expect(updateOf(STORED, { ...form, program: '', args: '', forgetsWebhook: true })).toEqual({
    name: 'nightly',
    realms: null,
    sections: null,
    retention: null,
    command: null,
    webhookUrl: null,
  });
});

test('all sections are no choice of some', () => {
  const form = { ...formOf(STORED), sections: SECTIONS };
  expect(inputOf(form)).not.toHaveProperty('sections');
  expect(updateOf(STORED, form)).toEqual({ name: 'nightly', sections: null });
});

test('what is changed is told as the engine takes it', () => {
  const change = updateOf(STORED, {
    ...formOf(STORED),
    name: ' weekly ',
    cron: '0 3 * * 0',
    credentials: false,
    args: 'a\n\nc',
    webhookUrl: ' https://alerts.example/other ',
  });
  expect(change).toEqual({
    name: 'nightly',
    newName: 'weekly',
    cron: '0 3 * * 0',
    credentials: false,
    command: { program: '/bin/tell', args: ['a', 'c'] },
    webhookUrl: 'https://alerts.example/other',
  });
  expect(scheduleUpdate.safeParse(change).success).toBe(true);
});

test('an address that was typed is not sent where it is to go', () => {
  const form = { ...formOf(STORED), webhookUrl: 'https://alerts.example/other', forgetsWebhook: true };
  expect(updateOf(STORED, form)).toEqual({ name: 'nightly', webhookUrl: null });
});

test('a new one of the same form has no address but the typed one', () => {
  expect(inputOf(formOf(STORED)).onFailure).toEqual({
    command: { program: '/bin/tell', args: ['a', 'b c'] },
  });
});

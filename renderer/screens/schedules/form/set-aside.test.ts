import { expect, test } from 'vitest';
import { SECTIONS } from '../../../../contract/sections.ts';
import type { ScheduleForm } from './schedule-form.ts';
import { NOTHING_ASIDE, withEnvironment, withRealms, withRetention, withSections } from './set-aside.ts';

const FORM: ScheduleForm = {
  name: 'nightly',
  environment: 'dev',
  realms: ['acme'],
  sections: ['realm', 'users'],
  credentials: true,
  tags: [],
  cron: '0 2 * * *',
  timeZone: 'UTC',
  retention: { keepDaily: 99, keepTags: ['kept'] },
  program: '',
  args: '',
  webhookUrl: '',
  forgetsWebhook: false,
  aside: NOTHING_ASIDE,
};
const USUAL = { keepDaily: 14 };

test('another environment has other realms, and the first one its own again', () => {
  const other = { ...FORM, ...withEnvironment(FORM, 'prod') };
  expect(other.realms).toBeUndefined();
  const some: ScheduleForm = { ...other, ...withRealms(other, 'some'), realms: ['corp'] };
  const back = { ...some, ...withEnvironment(some, 'dev') };
  expect(back.realms).toEqual(['acme']);
  expect({ ...back, ...withEnvironment(back, 'prod') }.realms).toEqual(['corp']);
});

test('what is switched off and on again is as it was', () => {
  const every = { ...FORM, ...withRealms(FORM, 'all') };
  expect([every.realms, withRealms(every, 'some').realms]).toEqual([undefined, ['acme']]);
  const all = { ...every, ...withSections(every, false) };
  expect([all.sections, withSections(all, true).sections]).toEqual([undefined, ['realm', 'users']]);
  const keeping = { ...all, ...withRetention(all, false, USUAL) };
  expect(keeping.retention).toBeUndefined();
  expect(withRetention(keeping, true, USUAL).retention).toEqual(FORM.retention);
});

test('what was never there begins as is usual', () => {
  const plain = { ...FORM, realms: undefined, sections: undefined, retention: undefined };
  expect(withRealms(plain, 'some').realms).toEqual([]);
  expect(withSections(plain, true).sections).toEqual(SECTIONS);
  expect(withRetention(plain, true, USUAL).retention).toEqual(USUAL);
});

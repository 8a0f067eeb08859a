import { isThere } from '../../contract/found-again.ts';
import type { ReportItem } from '../../contract/report.ts';
import { LOSS_SENTENCES, UNSEEN_LOSS_SENTENCES } from '../planner/items.ts';
import { noteSentence, noteSentenceAfterwards } from '../planner/notes.ts';
import type { PlanItem } from '../planner/plan.ts';
import type { ReportedItem } from './reported-items.ts';

/** What a person should know of a record, as it came out: nothing of one that was not written. */
export function itemNotes({ item, outcome, found }: ReportedItem): NonNullable<ReportItem['notes']> {
  const { notes = [], loses, lossUnseen } = item;
  const losses = lossUnseen ? UNSEEN_LOSS_SENTENCES : LOSS_SENTENCES;
  if (outcome === 'not-written' || (outcome === 'failed' && !isThere(found))) return [];
  const sentence = outcome === 'unknown' ? noteSentence : noteSentenceAfterwards;
  return [
    ...notes.map((note) => ({ kind: note.kind, text: sentence(note) })),
    ...(loses ? [{ kind: LOSS_KINDS[loses], text: losses[loses] }] : []),
  ];
}

const LOSS_KINDS: Readonly<Record<NonNullable<PlanItem['loses']>, string>> = {
  passwordHash: 'lost-password',
  otherCredential: 'lost-credential',
  clientSecret: 'lost-client-secret',
};

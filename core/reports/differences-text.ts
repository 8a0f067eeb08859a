import type { DifferenceView, MemberChangeView } from '../../contract/comparison.ts';
import { counted } from '../../contract/numbers.ts';

const MOST = 100;
const MOST_CHARACTERS_OF_A_VALUE = 100;

/** Differences of one section, a line each and one for each member that changed. @param count how many there are in all */
export function differencesText(differences: readonly DifferenceView[], count: number): string {
  const shown = differences.slice(0, MOST);
  const more = count - shown.length;
  return [
    ...shown.flatMap(({ section, key, kind, changes }) => [
      `${kind} ${section}/${key}`,
      // What an added record consists of is no change of it.
      ...(kind === 'changed' ? changes.map(changeLine) : []),
    ]),
    ...(more > 0 ? [`… and ${counted(more, 'more difference')}`] : []),
  ].join('\n');
}

function changeLine({ member, from, to, unknown }: MemberChangeView): string {
  if (unknown !== undefined) return `  ${member}: unknown to the ${unknown} side`;
  const [before, after] = [short(from), short(to)];
  // Secrets are shown by their state, and long values cut: what differs may not be seen.
  return `  ${member}: ${before} → ${before === after ? 'another' : after}`;
}

function short(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MOST_CHARACTERS_OF_A_VALUE ? text : `${text.slice(0, MOST_CHARACTERS_OF_A_VALUE)}…`;
}

import { besides, type Mention, type MentionedPeople } from './mentioned-people.ts';
import { encodedLike, plainView, type PlainView } from './plain-view.ts';

/** What a text says of people, beside addresses and ids of users. */
export interface Told {
  /** It names somebody, by what can hardly be anything else. */
  person?: true;
  /** A word in it is somebody's user name, and may be no more than a word. Never replaced. */
  word?: true;
  /** It holds a UUID that belongs to no record, and may be that of a person all the same. Never replaced. */
  stranger?: true;
}

export interface Scrubbed {
  readonly text: string;
  /** Of what was left. */
  readonly told: Told;
}

/**
 * A text with other addresses and ids of users in the place of those that it has, and, if `withNames`, with other names.
 * What stands around them stays, and so does how they are encoded.
 */
export function scrubbed(source: string, people: MentionedPeople, withNames: boolean): Scrubbed {
  const view = plainView(source);
  const told: Told = {};
  const certain = people.certainIn(view.text, () => (told.stranger = true));
  const replaced = besides(view.text, certain, (between) =>
    people.namesIn(between).filter(({ by }) => {
      if (by === undefined) told.word = true;
      else if (!withNames) told.person = true;
      return by !== undefined && withNames;
    }),
  );
  return { text: replaced.length === 0 ? source : written(source, view, replaced), told };
}

/** Likewise with addresses and ids alone, and nothing told. */
export function withoutAddresses(source: string, people: MentionedPeople): string {
  const view = plainView(source);
  const certain = people.certainIn(view.text);
  return certain.length === 0 ? source : written(source, view, certain);
}

function written(source: string, view: PlainView, mentions: readonly Mention[]): string {
  let made = '';
  let done = 0;
  for (const { start, end, by } of mentions) {
    const [from, to] = [view.sourceOf(start), view.sourceOf(end)];
    made += source.slice(done, from) + encodedLike(source.slice(from, to), by!);
    done = to;
  }
  return made + source.slice(done);
}

/** What may stand before somebody who is the whole text: "mailto:", "user:", "urn:uuid:". */
const SCHEME = /^(?:[a-z][a-z0-9+.-]*:){0,2}(?:\/\/)?$/i;

/**
 * The person that a text stands for, where only people stand: by user name, id or address; undefined: it is none that
 * we know by these.
 */
export function scrubbedPerson(source: string, people: MentionedPeople): string | undefined {
  const { text } = plainView(source);
  const whole = people.named(text) ?? people.withId(text);
  if (whole !== undefined) return encodedLike(source, whole);
  const [only, ...others] = people.certainIn(text);
  if (only === undefined || others.length > 0 || only.end !== text.length) return undefined;
  return SCHEME.test(text.slice(0, only.start)) ? withoutAddresses(source, people) : undefined;
}

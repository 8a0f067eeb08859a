import type { MemberChangeView } from '../../contract/comparison.ts';
import classes from './field-changes.module.css';
import { Foreign } from './foreign.tsx';
import { SecretBadge, secretState } from './secret-badge.tsx';
import { Value } from './value.tsx';

export interface FieldChangesProps {
  readonly changes: readonly MemberChangeView[];
  /** Whether the record is new, goes, or stays and changes; `apart`: the sides differ, and nothing becomes of that. */
  readonly kind: 'added' | 'removed' | 'changed' | 'apart';
  /** What the two sides are called. */
  readonly sides?: { readonly from: string; readonly to: string };
}

/** What becomes of a record, member by member. What comes and what goes is told by sign and word, not by colour alone. */
export function FieldChanges({ changes, kind, sides = { from: 'Before', to: 'After' } }: FieldChangesProps) {
  if (changes.length === 0) return null;
  return (
    <table className={classes.changes}>
      <thead>
        <tr>
          <th scope="col">Member</th>
          {kind !== 'added' && <th scope="col">{sides.from}</th>}
          {kind !== 'removed' && <th scope="col">{sides.to}</th>}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => (
          <tr key={change.member}>
            <th scope="row">
              <Foreign>{change.member}</Foreign>
            </th>
            <Change change={change} kind={kind} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Change({ change, kind }: { change: MemberChangeView; kind: FieldChangesProps['kind'] }) {
  const { from, to, unknown } = change;
  if (unknown !== undefined)
    return (
      <td className={classes.unknown} colSpan={hasBoth(kind) ? 2 : 1}>
        {unknown === 'left' ? 'The first side does not know it' : 'The second side does not know it'}: not
        compared
      </td>
    );
  const [gone, come] = hasBoth(kind) ? onlyIn(from, to) : [from, to];
  // Of a secret only its state is known here: the same state on both sides is another secret.
  const hidden = hasBoth(kind) && secretState(from) !== undefined && from === to;
  // Of the side that has what the other has and no more, “none” would say that it has nothing.
  const before = isNoneOf(gone, from) ? 'nothing else' : <Value value={gone} />;
  const after = hidden ? (
    <Another value={to} />
  ) : isNoneOf(come, to) ? (
    'nothing else'
  ) : (
    <Value value={come} />
  );
  if (kind === 'apart')
    return (
      <>
        <td>{before}</td>
        <td>{after}</td>
      </>
    );
  return (
    <>
      {kind !== 'added' && (
        <td className={classes.removed}>
          <Sign text="−" meaning="before" />
          {before}
        </td>
      )}
      {kind !== 'removed' && (
        <td className={classes.added}>
          <Sign text="+" meaning="after" />
          {after}
        </td>
      )}
    </>
  );
}

function hasBoth(kind: FieldChangesProps['kind']): boolean {
  return kind === 'changed' || kind === 'apart';
}

function Another({ value }: { value: unknown }) {
  return (
    <>
      <SecretBadge state={secretState(value) ?? 'present'} /> another one
    </>
  );
}

function Sign({ text, meaning }: { text: string; meaning: string }) {
  return (
    <>
      <span aria-hidden className={classes.sign}>
        {text}
      </span>
      <span className={classes.unseen}>{meaning}: </span>
    </>
  );
}

/** Of two lists of texts only what one has and the other has not: nobody finds one role among fifty. */
function onlyIn(from: unknown, to: unknown): [unknown, unknown] {
  if (!isTexts(from) || !isTexts(to)) return [from, to];
  const [before, after] = [new Set(from), new Set(to)];
  const [gone, come] = [from.filter((text) => !after.has(text)), to.filter((text) => !before.has(text))];
  // The same texts in another order, or another number of times.
  return gone.length === 0 && come.length === 0 ? [from, to] : [gone, come];
}

/** The side has values, and the other has all of them. */
function isNoneOf(shown: unknown, all: unknown): boolean {
  return isTexts(shown) && shown.length === 0 && isTexts(all) && all.length > 0;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((inner) => typeof inner === 'string');
}

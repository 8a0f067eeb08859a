import { andMore } from './and-more.ts';
import { Foreign } from './foreign.tsx';
import { instantText } from './moments.ts';
import { SecretBadge, secretState } from './secret-badge.tsx';
import classes from './value.module.css';

/** One value of a record as people read it. Whatever it holds is shown as text. */
export function Value({ value }: { value: unknown }) {
  const state = secretState(value);
  if (state) return <SecretBadge state={state} />;
  if (value === undefined || value === null) return <span className={classes.none}>nothing</span>;
  if (value === '') return <span className={classes.none}>empty</span>;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return <TextValue text={value} />;
  if (typeof value !== 'object') return <Foreign>{JSON.stringify(value)}</Foreign>;
  if (Array.isArray(value)) return <Several values={value} />;
  const members = Object.entries(value);
  if (members.length === 0) return <span className={classes.none}>no members</span>;
  return (
    <dl className={classes.members}>
      {members.slice(0, SHOWN).map(([member, inner]) => (
        <div key={member}>
          <dt>
            <Foreign>{member}</Foreign>
          </dt>
          <dd>
            <Value value={inner} />
          </dd>
        </div>
      ))}
      {members.length > SHOWN && (
        <div>
          <dt className={classes.none}>{andMore(members.length, SHOWN)}</dt>
        </div>
      )}
    </dl>
  );
}

function TextValue({ text }: { text: string }) {
  const instant = instantText(text);
  if (instant === undefined) return <Foreign>{text}</Foreign>;
  return (
    <time dateTime={text} title={text}>
      {instant}
    </time>
  );
}

/** Of a list, or of the members of a value, drawn at once. */
const SHOWN = 200;

function Several({ values }: { values: readonly unknown[] }) {
  if (values.length === 0) return <span className={classes.none}>none</span>;
  return (
    <ul className={classes.several}>
      {values.slice(0, SHOWN).map((value, nth) => (
        // Lists of a record stand still while they are shown, and may hold the same value twice.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={nth}>
          <Value value={value} />
        </li>
      ))}
      {values.length > SHOWN && <li className={classes.none}>{andMore(values.length, SHOWN)}</li>}
    </ul>
  );
}

import { visible } from '../../contract/visible.ts';
import { placeIn } from './found-place.ts';
import classes from './highlighted.module.css';

/** What is shown around the first place, where a text is long. */
const BEFORE = 60;
const AFTER = 200;

/** Text of a realm, as Foreign shows it, with the places marked where something was found in it. */
export function Highlighted({ children, found }: { children: string; found: string }) {
  const at = placeIn(children, found);
  if (at === undefined) return <bdi className="foreign">{visible(children.slice(0, BEFORE + AFTER))}</bdi>;
  const from = at > BEFORE ? at - BEFORE : 0;
  const end = at + found.length;
  return (
    <bdi className="foreign">
      {from > 0 && '…'}
      {visible(children.slice(from, at))}
      <mark className={classes.found}>{visible(children.slice(at, end))}</mark>
      {visible(children.slice(end, end + AFTER))}
      {end + AFTER < children.length && '…'}
    </bdi>
  );
}

import { Anchor, Code } from '@mantine/core';
import { visible } from '../../contract/visible.ts';
import { inWindows, type Piece } from '../wording/window-words.ts';
import { Foreign, SHOWN } from './foreign.tsx';
import { useReach } from './reach.ts';

/**
 * A sentence of the engine: an error, what to do about it, a warning, a reason. Where it names commands, windows say what
 * to press, and lead there. What it holds of a realm or a server is shown as by Foreign.
 */
export function Told({ children, whole = false }: { children: string; whole?: boolean }) {
  const { canGo, place } = useReach();
  const pieces = inWindows(children);
  const [first] = pieces;
  if (pieces.length === 1 && typeof first === 'string') return <Foreign whole={whole}>{first}</Foreign>;
  return (
    <bdi className="foreign" ref={place}>
      {drawn(pieces, whole ? Number.POSITIVE_INFINITY : SHOWN).map((piece, nth) => {
        if (typeof piece === 'string') return piece;
        if ('command' in piece) return <Code key={nth}>{piece.command}</Code>;
        const { words, to } = piece;
        // Where one is already there is nothing to be led to.
        if (!canGo || location.hash === `#${to}`) return words;
        return (
          <Anchor key={nth} href={`#${to}`} inherit c="inherit" underline="always">
            {words}
          </Anchor>
        );
      })}
    </bdi>
  );
}

/** As they are drawn, as far as there is room. @param room in letters */
function drawn(pieces: readonly Piece[], room: number): readonly Piece[] {
  const shown: Piece[] = [];
  let left = room;
  const fitting = (words: string): string => {
    const all = visible(words);
    const fits = all.length > left ? `${all.slice(0, left)}…` : all;
    left -= all.length;
    return fits;
  };
  for (const piece of pieces) {
    if (left <= 0) break;
    if (typeof piece === 'string') shown.push(fitting(piece));
    else if ('command' in piece) shown.push({ command: fitting(piece.command) });
    else shown.push({ ...piece, words: fitting(piece.words) });
  }
  return shown;
}

import { visible } from '../../contract/visible.ts';

/** How much of one text is drawn: a name of 10,000 characters must not push everything else away. */
export const SHOWN = 400;

/** Text that comes from a realm, a server or a file: what is not visible in it is made visible, and it cannot turn what stands beside it around. */
export function Foreign({ children, whole = false }: { children: string; whole?: boolean }) {
  const shown = visible(children);
  const cut = !whole && shown.length > SHOWN;
  return (
    <bdi className="foreign" title={cut ? shown.slice(0, 2_000) : undefined}>
      {cut ? `${shown.slice(0, SHOWN)}…` : shown}
    </bdi>
  );
}

import type { SeenServer } from '../../contract/environment.ts';

/** What is remembered of a server by its parts. */
type Parts = Omit<SeenServer, 'at'>;

/**
 * What one connection found out about its server. Undefined: that was not looked at. `null`: what was remembered does not
 * hold any more, and nothing stands in its place.
 */
export type Learned = { readonly [part in keyof Parts]?: Parts[part] | null };

/** What is remembered after a connection; undefined: nothing. One that has found out nothing has not shown that it answers. */
export function seenAfter(seen: SeenServer | undefined, learned: Learned, now: Date): SeenServer | undefined {
  if (Object.values(learned).every((part) => part === undefined)) return seen;
  const { api = seen?.api, token = seen?.token, serverVersion = seen?.serverVersion } = learned;
  const parts: Parts = {
    ...(api && { api }),
    ...(token && { token }),
    ...(serverVersion != null && { serverVersion }),
  };
  return Object.keys(parts).length === 0 ? undefined : { at: now.toISOString(), ...parts };
}

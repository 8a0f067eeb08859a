import { createColors } from 'picocolors';

export type Paint = ReturnType<typeof createColors>;

/** Colours for one stream: only on a terminal, and never against NO_COLOR (https://no-color.org). */
export function paintFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const wanted = stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return createColors(
    wanted || (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0' && !env['NO_COLOR']),
  );
}

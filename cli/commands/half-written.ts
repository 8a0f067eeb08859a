import type { Io } from '../io.ts';
import type { EngineClient } from '../jobs/engine-client.ts';
import { visible, visibleLines } from '../render/visible.ts';

/** Whatever is done next: a realm of which only some databases were written to is nobody's realm. */
export async function warnOfHalfWritten(io: Io, client: EngineClient): Promise<void> {
  for (const { id, written } of await client.jobs.halfWritten()) {
    if (!written) continue;
    const { environment, realm, state, text } = written;
    const told = visibleLines(text);
    io.warn(
      state === 'part'
        ? `${told} To undo that: ${io.self} rollback ${visible(id)}`
        : `${visible(`${environment}/${realm}`)} may be half written. ${told} To look again: ${io.self} job show ${visible(id)}`,
    );
  }
}

import type { SectionBatch } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import type { CaptureFacts } from '../../model/snapshot.ts';
import type { Capture, CaptureOptions, Connector } from '../connector.ts';

/**
 * Reads a realm through the databases, and what they lack (a service whose database is not there) through the API, as far
 * as that tells it.
 */
export function captureBoth(
  { api }: { readonly api: Connector },
  realm: string,
  options: CaptureOptions,
  signal: AbortSignal,
  database: Pick<Connector, 'capture'>,
): Capture {
  const first = database.capture(realm, options, signal);
  let second: Capture | undefined;
  return {
    batches: batches(),
    facts: () => (second ? joined(first.facts(), second.facts()) : first.facts()),
  };

  async function* batches(): AsyncGenerator<SectionBatch> {
    yield* first.batches;
    const lacking = lackingSections(first.facts(), options).filter((section) => API_TELLS.includes(section));
    if (lacking.length === 0) return;
    second = api.capture(realm, { sections: lacking }, signal);
    yield* second.batches;
  }
}

const API_TELLS: readonly Section[] = ['realm', 'roles', 'clients', 'users'];

/** Sections that were asked for, but not read. */
function lackingSections({ missing }: CaptureFacts, { sections, leftovers }: CaptureOptions): Section[] {
  if (leftovers) return [];
  return missing
    .filter(({ section, member }) => member === undefined && (sections?.includes(section) ?? true))
    .map(({ section }) => section);
}

function joined(database: CaptureFacts, api: CaptureFacts): CaptureFacts {
  return {
    ...database,
    sections: [...database.sections, ...api.sections],
    knows: { ...database.knows, ...api.knows },
    missing: [
      ...database.missing.filter(({ section }) => !api.sections.includes(section)),
      ...api.missing.filter(({ section }) => api.sections.includes(section)),
    ],
    warnings: [
      ...database.warnings,
      ...api.warnings,
      `Read over the Admin API, since the databases lack them: ${api.sections.join(', ')}.`,
    ],
  };
}

import type { SnapshotSides } from '../../compare/section-side.ts';
import { sideOf } from '../../compare/testing/in-memory-side.ts';
import type { JsonObject } from '../../model/record.ts';
import type { Section } from '../../model/sections.ts';
import { documentedRoute, fullRoute, knownOver } from './routes.ts';

type State = Partial<Record<Section, readonly JsonObject[]>>;

/** A capture over the Admin API, which tells nothing about groups, policies, credentials and social links. */
export function api(state: State): SnapshotSides {
  const sections = ['realm', 'roles', 'clients', 'users'] as const;
  return sides(state, sections, (section) => knownOver(documentedRoute, section));
}

/** A capture over PostgreSQL of the sections that are given. */
export function postgres(state: State): SnapshotSides {
  return sides(state, Object.keys(state) as Section[], (section) => knownOver(fullRoute, section));
}

function sides(
  state: State,
  sections: readonly Section[],
  knows: (section: Section) => readonly string[],
): SnapshotSides {
  return Object.fromEntries(
    sections.map((section) => [section, sideOf(section, state[section] ?? [], { knows: knows(section) })]),
  );
}

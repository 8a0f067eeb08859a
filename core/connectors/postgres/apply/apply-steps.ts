import { AppError } from '../../../../contract/errors.ts';
import { displayKey } from '../../../model/natural-key.ts';
import type { Section } from '../../../model/sections.ts';
import type { ApplyItem, ApplyTarget } from '../../connector.ts';
import type { Layout, ServiceLayout } from '../layout.ts';
import { SERVICES, type Service } from '../services.ts';
import { RowEncoder } from './rows.ts';
import { SECTION_TABLES, serviceOf, tableOf } from '../section-tables.ts';
import { requireSupported } from './staged-section.ts';

/** What a step does; the same items give the same parts. */
export type StepPart =
  | { readonly kind: 'clear'; readonly items: readonly ApplyItem[] }
  | {
      readonly kind: 'stage';
      readonly section: Section;
      readonly items: readonly ApplyItem[];
      readonly label: string;
    }
  | { readonly kind: 'prepare'; readonly database: Place }
  | { readonly kind: 'commit'; readonly database: Place; readonly all: readonly Place[] };

/** A database in which some of the services lie. */
export interface Place {
  readonly database: string;
  readonly place: string;
  readonly services: readonly Service[];
}

/**
 * So many items a step. They are in memory while they are sent; more of them would grow old there and cost the garbage
 * collector more than the round trips that they save.
 */
const ITEMS_A_STEP = 2_000;

/**
 * Cuts items into the parts of an apply: what is there goes, items are staged, each database is prepared, and then each
 * one that is written to is committed.
 *
 * @throws AppError UNSUPPORTED_BY_ROUTE for an item that this route does not offer: the planner's defect
 */
export async function* stepParts(
  layout: Layout,
  target: ApplyTarget,
  items: AsyncIterable<readonly ApplyItem[]>,
): AsyncGenerator<StepPart> {
  const cutter = new Cutter(layout, target);
  if (target.mode === 'overwrite') yield { kind: 'clear', items: [] };
  for await (const batch of items) for (const item of batch) yield* cutter.add(item);
  yield* cutter.finish();
  const places = placesOf(layout);
  const prepared = places.filter(({ services }) => services.some((service) => cutter.used.has(service)));
  const written = places.filter(({ services }) => services.some((service) => cutter.written.has(service)));
  for (const database of prepared) yield { kind: 'prepare', database };
  for (const database of written) yield { kind: 'commit', database, all: written };
}

/** In the order of commits. */
function placesOf(layout: Layout): Place[] {
  const found = SERVICES.flatMap((service): readonly ServiceLayout[] => {
    const one = layout.services[service];
    return one ? [one] : [];
  });
  return [...new Set(found.map(({ database }) => database))].map((database) => {
    const here = found.filter((one) => one.database === database);
    return { database, place: here[0]!.place, services: here.map(({ service }) => service) };
  });
}

class Cutter {
  readonly used = new Set<Service>();
  readonly written = new Set<Service>();
  readonly #layout: Layout;
  readonly #target: ApplyTarget;
  readonly #encoders = new Map<Section, RowEncoder>();
  #section: Section | undefined;
  #items: ApplyItem[] = [];
  #done = 0;

  constructor(layout: Layout, target: ApplyTarget) {
    this.#layout = layout;
    this.#target = target;
    if (target.mode === 'overwrite' || target.mode === 'remove') {
      for (const service of SERVICES) {
        if (!layout.services[service])
          throw unsupported(
            `The tables of the ${service} service were not found: a realm cannot be removed from all services.`,
          );
        this.used.add(service);
        this.written.add(service);
      }
    }
    if (target.goneUsers && layout.services.user && layout.services.rbac) {
      this.used.add('rbac');
      this.written.add('rbac');
    }
  }

  *add(item: ApplyItem): Generator<StepPart> {
    const { mode } = this.#target;
    if (mode === 'remove') {
      if (item.section !== 'realm' || item.action !== 'delete') throw unsupportedItem(item);
      yield { kind: 'clear', items: [item] };
      return;
    }
    // What only the target has is gone with the old realm.
    if (mode === 'overwrite' && item.action === 'delete') return;
    if (
      (mode === 'overwrite' && item.action === 'update') ||
      (item.section === 'realm' && item.action === 'delete')
    )
      throw unsupportedItem(item);
    this.#note(item);
    if (item.section !== this.#section) yield* this.#cut();
    if (item.section !== this.#section) this.#done = 0;
    this.#section = item.section;
    this.#items.push(item);
    if (this.#items.length >= ITEMS_A_STEP) yield* this.#cut();
  }

  *finish(): Generator<StepPart> {
    yield* this.#cut();
  }

  *#cut(): Generator<StepPart> {
    const items = this.#items;
    if (items.length === 0) return;
    const section = this.#section!;
    const from = this.#done + 1;
    this.#done += items.length;
    this.#items = [];
    yield { kind: 'stage', section, items, label: label(section, from, this.#done) };
  }

  #note(item: ApplyItem): void {
    const { section, action, body } = item;
    const service = serviceOf(section);
    const encoder = this.#encoder(section, item);
    if (action !== 'delete') requireSupported(encoder, item);
    this.used.add(service);
    const apartOnly =
      section === 'users' &&
      action === 'update' &&
      !Object.keys(body).some((name) => name !== 'username' && name !== 'roles');
    if (!apartOnly) this.written.add(service);
    if (section !== 'users' || (action === 'update' && body['roles'] === undefined)) return;
    if (this.#layout.services.rbac) {
      this.used.add('rbac');
      this.written.add('rbac');
    } else if (body['roles'] !== undefined) throw unsupportedItem(item);
  }

  #encoder(section: Section, item: ApplyItem): RowEncoder {
    const known = this.#encoders.get(section);
    if (known) return known;
    const table = tableOf(this.#layout, SECTION_TABLES[section].table);
    if (!table) throw unsupportedItem(item);
    const encoder = new RowEncoder(section, table);
    this.#encoders.set(section, encoder);
    return encoder;
  }
}

function label(section: Section, from: number, to: number): string {
  const count = (n: number) => n.toLocaleString('en');
  return from === to ? `${section} ${count(from)}` : `${section} ${count(from)}–${count(to)}`;
}

function unsupportedItem({ section, key, action }: ApplyItem): AppError {
  return unsupported(`The databases cannot ${action} “${displayKey(key)}” of ${section}.`, {
    section,
    key: displayKey(key),
    action,
  });
}

function unsupported(message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError('UNSUPPORTED_BY_ROUTE', message, {
    notChanged: 'Nothing was written.',
    remedy: 'Leave it out of the plan, or look with “env test” at what is missing.',
    details,
  });
}

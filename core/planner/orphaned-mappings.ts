import { counted } from '../../contract/numbers.ts';
import { singleItemsOf } from './apply-item.ts';
import type { PlanContext, PlanItem } from './plan.ts';
import { planMode } from './section-plan.ts';

/**
 * Role mappings that are left over. Where users are deleted one by one, their role mappings are not: they stand in another
 * service, which is not told (OpenGate v1.1.0). Counted as far as the target tells who has which roles.
 */
export class OrphanedMappings {
  readonly #context: PlanContext;
  #users = 0;
  #mappings = 0;

  constructor(context: PlanContext) {
    this.#context = context;
  }

  add(item: PlanItem): void {
    const { route } = this.#context;
    if (item.section !== 'users' || !route.survivors) return;
    const roles = singleItemsOf(item, planMode(this.#context), route).deletion?.was?.['roles'];
    if (!Array.isArray(roles) || roles.length === 0) return;
    this.#users++;
    this.#mappings += roles.length;
  }

  get count(): number {
    return this.#mappings;
  }

  text(): string[] {
    if (this.#mappings === 0) return [];
    const mappings = counted(this.#mappings, 'role mapping', 'role mappings');
    const users = counted(this.#users, 'user who is deleted', 'users who are deleted');
    // Who returns gets another id.
    const again =
      planMode(this.#context) === 'overwrite' ? ', or deleted and created again under a new id,' : '';
    const [stay, them] = this.#mappings === 1 ? ['stays and points', 'it'] : ['stay and point', 'them'];
    return [`${mappings} of ${users}${again} ${stay} at nobody: this channel cannot delete ${them}.`];
  }
}

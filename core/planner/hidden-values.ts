import { isRawJson } from '../model/exact-json.ts';
import type { JsonValue } from '../model/record.ts';
import { isRedacted } from '../model/secret.ts';

/** Whether a server hid a secret in it, at any depth. */
export function holdsHidden(value: JsonValue): boolean {
  if (!isContainer(value)) return false;
  return isRedacted(value) || Object.values(value).some(holdsHidden);
}

/** A copy without the secrets that a server hid: a mark in their place must never be written. */
export function withoutHidden(value: JsonValue): { readonly value: JsonValue; readonly left: boolean } {
  let left = false;
  const visit = (inner: JsonValue): JsonValue => {
    if (!isContainer(inner)) return inner;
    const keep = (element: JsonValue): boolean => {
      if (isRedacted(element)) left = true;
      return !isRedacted(element);
    };
    if (Array.isArray(inner)) return inner.filter(keep).map(visit);
    return Object.fromEntries(
      Object.entries(inner).flatMap(([name, element]) => (keep(element) ? [[name, visit(element)]] : [])),
    );
  };
  const kept = visit(value);
  return { value: kept, left };
}

/**
 * The source's value with its hidden secrets taken from what the target has in their place, so that setting the rest
 * keeps them.
 *
 * @returns undefined when the target's are hidden too: then setting the value would destroy them
 */
export function withHiddenFrom(target: JsonValue | undefined, source: JsonValue): JsonValue | undefined {
  if (isRedacted(source)) return target === undefined || isRedacted(target) ? undefined : target;
  if (!isContainer(source)) return source;
  if (Array.isArray(source)) {
    if (!withoutHidden(source).left) return source;
    if (target === undefined || target === null) return withoutHidden(source).value;
    // Nothing but the position tells whose secret is whose.
    if (!Array.isArray(target) || target.length !== source.length) return undefined;
    const filled = source.map((element, at) => withHiddenFrom(target[at], element));
    return filled.every((element) => element !== undefined) ? filled : undefined;
  }
  const there = isContainer(target) && !Array.isArray(target) ? target : {};
  const filled: [string, JsonValue][] = [];
  for (const [name, element] of Object.entries(source)) {
    const inner = Object.hasOwn(there, name) ? there[name] : undefined;
    // Hidden in the source and not there at all on the target: nothing to keep, nothing to write.
    if (isRedacted(element) && inner === undefined) continue;
    const value = withHiddenFrom(inner, element);
    if (value === undefined) return undefined;
    filled.push([name, value]);
  }
  return Object.fromEntries(filled);
}

type Container = JsonValue[] | { [member: string]: JsonValue };

function isContainer(value: JsonValue | undefined): value is Container {
  return typeof value === 'object' && value !== null && !isRawJson(value);
}

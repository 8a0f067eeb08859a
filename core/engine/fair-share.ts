/**
 * Of lists that are too long together, as much as has room: short ones whole, and of the others the first of each, equally
 * many. Else one that runs every minute would leave no room for another that runs once a night.
 *
 * @param limit of all together
 */
export function fairShare<T>(lists: readonly (readonly T[])[], limit: number): T[] {
  const shared: T[] = [];
  const byLength = lists.toSorted((a, b) => a.length - b.length);
  for (const [nth, list] of byLength.entries()) {
    const left = limit - shared.length;
    shared.push(...list.slice(0, Math.floor(left / (byLength.length - nth))));
  }
  return shared;
}

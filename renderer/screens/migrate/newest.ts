/**
 * Of a list that is kept with the preferences, which have a limit, what fits. The first always does.
 *
 * @param newestFirst what is kept
 * @param most how many at most
 * @param text how long all of them may be, as JSON, in characters
 */
export function newestThatFit<T>(newestFirst: readonly T[], most: number, text: number): T[] {
  let room = text;
  const fitting = newestFirst.slice(0, most).findIndex((one, index) => {
    room -= JSON.stringify(one).length;
    return index > 0 && room < 0;
  });
  return newestFirst.slice(0, fitting === -1 ? most : fitting);
}

/**
 * Copies of some lines, together in memory that is just as large. Short buffers are otherwise cut from blocks that many
 * share: a few lines, kept for long, would keep megabytes alive of what nobody needs any more.
 */
export function inOwnMemory(lines: readonly Buffer[]): Buffer[] {
  const memory = Buffer.allocUnsafeSlow(lines.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  return lines.map((line) => {
    const from = at;
    at += line.copy(memory, from);
    return memory.subarray(from, at);
  });
}

/** Captures so many users, who come in no order, into a scratch store, and prints the peak memory of the process in MB. */
import type { CanonicalRecord } from '../../../model/record.ts';
import { DEV, factsOf, scratchStore, user } from './scratch-store.ts';

const count = Number(process.argv[2]);
using scratch = scratchStore();
const writer = scratch.store.begin(DEV);
for (let start = 0; start < count; start += 500) {
  const batch: CanonicalRecord[] = [];
  for (let number = start; number < Math.min(start + 500, count); number++) batch.push(user(number));
  await writer.add('users', batch);
}
await writer.commit(factsOf({ users: [] }), new AbortController().signal);
process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));

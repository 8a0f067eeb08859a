/** Applies a plan in a process of its own, to be killed. */
import { openEngine } from '../../core/engine/index.ts';
import { keys } from './line.ts';

const [catalogDir, plan] = process.argv.slice(2) as [string, string];
const { client } = await openEngine({ catalogDir, keys });
const { id } = await client.jobs.start({ kind: 'apply', plan });
for await (const view of await client.jobs.watch({ job: id })) process.stdout.write(`${view.state}\n`);

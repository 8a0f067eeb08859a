/** Backs up one realm of an environment into a catalog, in a process of its own; prints what it took as JSON. */
import { openEngine } from '../../core/engine/index.ts';

const [catalogDir, environment] = process.argv.slice(2) as [string, string];
const { apiUrl, authUrl, gatewayUrl, clientId, clientSecret } = JSON.parse(environment) as Record<
  'apiUrl' | 'authUrl' | 'gatewayUrl' | 'clientId' | 'clientSecret',
  string
>;
const engine = await openEngine({
  catalogDir,
  keys: { passphrase: () => Promise.resolve('bench') },
  createCatalog: true,
});
const { client } = engine;
const known = await client.environments.list();
if (known.length === 0)
  await client.environments.add({
    name: 'dev',
    api: { apiUrl, authUrl, gatewayUrl, clientId, clientSecret },
  });
let readingRss = 0;
const sampling = setInterval(() => {
  readingRss = Math.max(readingRss, process.memoryUsage.rss());
}, 20);
const started = performance.now();
const cpuBefore = process.cpuUsage();
const { id } = await client.jobs.start({ kind: 'backup', environment: 'dev', realms: ['acme'] });
let last;
for await (const view of await client.jobs.watch({ job: id })) last = view;
const seconds = (performance.now() - started) / 1000;
const cpu = process.cpuUsage(cpuBefore);
clearInterval(sampling);
if (last?.result?.kind !== 'backup') throw new Error(`The backup failed: ${last?.error?.message}`);
await engine.close();
process.stdout.write(
  `${JSON.stringify({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, maxRssMb: process.resourceUsage().maxRSS / 1024, readingRssMb: readingRss / 2 ** 20, snapshot: last.result.snapshots[0] })}\n`,
);

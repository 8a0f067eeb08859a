/**
 * Backs up one realm of so many users into a catalog, in a process of its own; prints what it took as JSON. Fails when it is not
 * whole: what was not read costs nothing.
 */
import { openEngine } from '../../core/engine/index.ts';

const [catalogDir, environment, users] = process.argv.slice(2) as [string, string, string];
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
if (last?.state !== 'succeeded' || last.result?.kind !== 'backup')
  throw new Error(`The backup ended as ${last?.state}: ${last?.error?.message}`);
const snapshot = last.result.snapshots[0]!;
if (snapshot.counts.users !== Number(users))
  throw new Error(`The backup has ${snapshot.counts.users} users of ${users}.`);
await engine.close();
process.stdout.write(
  `${JSON.stringify({ seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6, maxRssMb: process.resourceUsage().maxRSS / 1024, readingRssMb: readingRss / 2 ** 20, unchanged: snapshot.unchanged })}\n`,
);

/** Applies a plan in a process of its own, which kills itself at one moment of one step, as a power cut would. */
import { openCatalog } from '../../core/catalog/index.ts';
import { keys } from './line.ts';
import { applyStepped } from './stepped-apply.ts';

const [catalogDir, plan, label, moment, later] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];

const catalog = await openCatalog({
  dir: catalogDir,
  keys,
  testing: { now: () => new Date(Date.now() + Number(later)) },
});
const job = await applyStepped(catalog, plan, (at, when) => {
  if (at !== label || when !== moment) return;
  process.kill(process.pid, 'SIGKILL');
  // Nothing of ours may run until the signal arrives.
  for (;;);
});
process.stdout.write(JSON.stringify(job));
catalog.close();

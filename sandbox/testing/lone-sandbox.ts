// A process that starts a sandbox, says so, and waits: for tests of what happens to the servers when it ends.
import { startSandbox } from '../index.ts';

const sandbox = await startSandbox({
  environments: ['one'],
  ...(process.argv[2] !== undefined && { dataDir: process.argv[2] }),
});
process.stdout.write(`${JSON.stringify(sandbox.environments)}\n`);

/** A sandbox of its own process, so that its memory and CPU time are not counted as ours. Prints one JSON line. */
import { startSandbox } from '../../sandbox/index.ts';

const users = Number(process.argv[2]);
const sandbox = await startSandbox({ users });
const dev = sandbox.environments.find(({ name }) => name === 'dev');
process.stdout.write(`${JSON.stringify(dev)}\n`);
process.stdin.resume();
process.stdin.on('end', () => void sandbox.stop());

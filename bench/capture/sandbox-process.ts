/** A sandbox of its own process, so that its memory and CPU time are not counted as ours. Prints one JSON line. */
import { startSandbox, type DialectName } from '../../sandbox/index.ts';

const [users, dialect = 'documented'] = process.argv.slice(2) as [string, DialectName?];
const sandbox = await startSandbox({ users: Number(users), dialect });
const dev = sandbox.environments.find(({ name }) => name === 'dev');
process.stdout.write(`${JSON.stringify(dev)}\n`);
process.stdin.resume();
process.stdin.on('end', () => void sandbox.stop());

import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { SandboxEnvironment } from '../index.ts';

/** Starts a sandbox with one empty environment in a process of its own. */
export async function startLoneSandbox(
  nodeFlags: readonly string[],
  args: readonly string[],
): Promise<{ process: ChildProcess; environment: SandboxEnvironment }> {
  const script = join(import.meta.dirname, 'lone-sandbox.ts');
  const child = spawn(process.execPath, [...nodeFlags, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let line = '';
  for await (const chunk of child.stdout) {
    line += String(chunk);
    if (line.endsWith('\n')) break;
  }
  const [environment] = JSON.parse(line) as SandboxEnvironment[];
  if (!environment) throw new Error('The process started no environment.');
  return { process: child, environment };
}

import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ShellResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const TOOLS = ['curl', 'jq'] as const;

/** Which of the tools that the pages use this machine lacks. */
export function missingTools(): string[] {
  return TOOLS.filter((tool) => spawnSync('bash', ['-c', `command -v ${tool}`]).status !== 0);
}

/**
 * A folder with everything a page's commands need: stand-ins for missing tools, or for all on demand, on the PATH; and
 * curl set to print the status after the body, which keeps the commands as the pages have them.
 */
export class Shell {
  readonly #directory: string;
  readonly #path: string;

  private constructor(directory: string, path: string) {
    this.#directory = directory;
    this.#path = path;
  }

  static async create(directory: string, standIns: readonly string[]): Promise<Shell> {
    const tools = join(directory, 'tools');
    await mkdir(tools);
    for (const tool of standIns) {
      const script = join(import.meta.dirname, 'stand-ins', `${tool}.mjs`);
      await writeFile(join(tools, tool), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
      await chmod(join(tools, tool), 0o755);
    }
    await writeFile(join(directory, '.curlrc'), 'write-out = "\\n%{http_code}"\n');
    return new Shell(directory, `${tools}:${process.env['PATH'] ?? ''}`);
  }

  async run(script: string, environment: Readonly<Record<string, string>> = {}): Promise<ShellResult> {
    return new Promise((resolve) => {
      execFile(
        'bash',
        ['-c', script],
        {
          cwd: this.#directory,
          env: { ...process.env, PATH: this.#path, NODE_OPTIONS: '', ...environment },
          timeout: 30_000,
        },
        (error, stdout, stderr) => {
          const exitCode = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
          resolve({ exitCode, stdout, stderr });
        },
      );
    });
  }

  /** Runs one curl command and takes its output apart. */
  async call(
    command: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<{ status: number; body: unknown }> {
    const { exitCode, stdout, stderr } = await this.run(command, {
      ...environment,
      CURL_HOME: this.#directory,
    });
    if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
    const [, body = '', status = ''] = /^([^]*)\n(\d{3})$/.exec(stdout) ?? [];
    return { status: Number(status), body: body === '' ? undefined : JSON.parse(body) };
  }
}

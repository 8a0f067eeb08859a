import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from '../cli/captured.ts';
import { setStage, type Stage } from '../cli/sandboxed.ts';

const page = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8');

function block(heading: string, language: string): string {
  const from = page.indexOf(`## ${heading}\n`);
  const found = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page.slice(from));
  if (from < 0 || !found) throw new Error(`docs/ci.md has no ${language} under “${heading}”.`);
  return found[1]!;
}

const github = parse(block('GitHub Actions', 'yaml')) as {
  env: Record<string, string>;
  jobs: Record<string, { steps: { run?: string; uses?: string }[] }>;
};
const gitlab = parse(block('GitLab CI', 'yaml')) as Record<
  string,
  { script?: string[]; extends?: string }
> & {
  variables: Record<string, string>;
};
const kubernetes = parse(block('Kubernetes', 'yaml')) as {
  kind: string;
  spec: { template: { spec: { containers: { command: string[]; args: string[] }[] } } };
};

/** A line of a script as the shell would take it apart; the page's lines have no other syntax. */
function words(line: string, env: Record<string, string>): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) =>
    (quoted ?? bare!).replace(/\$(\w+)/g, (_, name: string) => env[name]!),
  );
}

const lines: Record<string, string> = {
  'GitHub: seed': github.jobs['seed']!.steps.find(({ run }) => run?.includes('seed'))!.run!,
  'GitHub: drift': github.jobs['drift']!.steps.find(({ run }) => run?.includes('diff'))!.run!,
  'GitLab: seed': gitlab['seed']!.script![0]!,
  'GitLab: drift': gitlab['drift']!.script![0]!,
};

let stage: Stage;
let env: Record<string, string>;

beforeAll(async () => {
  stage = await setStage(20);
  const { apiUrl, clientSecret } = stage.sandbox.environment('dev');
  env = {
    OPENGATE_URL: apiUrl,
    ADMIN_SECRET: clientSecret,
    SMTP_HOST: 'smtp.example.com',
    SMTP_PASSWORD: 'secret-of-the-mail',
    SHOP_HOST: 'shop.example.com',
    DRAWBRIDGE: 'drawbridge',
  };
  writeFileSync(join(stage.folder, 'realm-seed.json'), block('The seed file', 'json'));
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});

/** Runs a line of the page, with its files in a folder of the test. */
async function run(line: readonly string[]): Promise<{ code: number; err: string }> {
  const [program, ...rest] = line;
  expect(program).toBe('drawbridge');
  const placed = rest.map((word) =>
    word.replace(/^(?:\.\/)?(?:config|\/seed)\/|^(?=\w+\.xml$)/, `${stage.folder}/`),
  );
  const around = captured(env);
  const code = await runCommandLine([...placed, '--quiet'], around);
  return { code, err: around.err() };
}

describe('docs/ci.md', () => {
  test('its jobs name the variables that its seed file needs', () => {
    const needed = [...block('The seed file', 'json').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    expect(new Set(needed)).toEqual(new Set(['SMTP_HOST', 'SMTP_PASSWORD', 'SHOP_HOST']));
    expect(Object.keys(github.env)).toEqual(expect.arrayContaining(needed));
    // Masked variables of the project come besides.
    expect([...Object.keys(gitlab.variables), 'ADMIN_SECRET', 'SMTP_PASSWORD']).toEqual(
      expect.arrayContaining(needed),
    );
  });

  test.each(Object.keys(lines))('%s runs as it stands there', async (name) => {
    expect(await run(words(lines[name]!.trim(), env))).toEqual({ code: 0, err: '' });
  });

  test('the Kubernetes job runs as it stands there', async () => {
    const [container] = kubernetes.spec.template.spec.containers;
    expect([kubernetes.kind, container!.command.at(-1)]).toEqual([
      'Job',
      '/opt/drawbridge/cli/drawbridge.mjs',
    ]);
    const args = container!.args.map((word) => (word.startsWith('http') ? env['OPENGATE_URL']! : word));
    expect(await run(['drawbridge', ...args])).toEqual({ code: 0, err: '' });
  });

  test('its other commands run as they stand there', async () => {
    const shell = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, text]) =>
      text!.replaceAll('\\\n', ' ').trim(),
    );
    // That of kubectl needs a cluster, and a merge into an environment of a catalog that catalog.
    expect(shell).toHaveLength(4);
    const runnable = shell.filter((text) => text.includes('--api-url'));
    expect(runnable).toHaveLength(2);
    for (const line of runnable) expect(await run(words(line, env))).toEqual({ code: 0, err: '' });
  });
});

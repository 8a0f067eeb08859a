import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const project = resolve(import.meta.dirname, '..');
let plot: string;

beforeAll(() => {
  plot = mkdtempSync(join(tmpdir(), 'drawbridge-layers-'));
  cpSync(join(project, '.oxlintrc.json'), join(plot, '.oxlintrc.json'));
});
afterAll(() => rmSync(plot, { recursive: true, force: true }));

/** Lints one planted file at a place of the real layout, with the real rules. */
function lint(place: string, code: string): string {
  const file = join(plot, place);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code);
  try {
    return execFileSync(join(project, 'node_modules/.bin/oxlint'), [place], { cwd: plot, encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  } finally {
    rmSync(file);
  }
}

const RESTRICTED = 'eslint(no-restricted-imports)';

// One planted violation of each rule: a rule that stopped working would let its plant through.
it.each([
  ['contract/a.ts', '../core/model/sections.ts'],
  ['contract/a.ts', 'node:fs'],
  ['core/model/a.ts', '../catalog/index.ts'],
  ['core/model/a.ts', 'node:fs'],
  ['core/formats/a.ts', '../connectors/connector.ts'],
  ['core/connectors/a.ts', '../catalog/index.ts'],
  ['core/connectors/admin-api/a.ts', '../../catalog/index.ts'],
  ['core/catalog/a.ts', '../connectors/connector.ts'],
  ['core/catalog/snapshots/a.ts', '../../planner/plan.ts'],
  ['core/compare/a.ts', '../planner/plan.ts'],
  ['core/compare/a.ts', 'better-sqlite3'],
  ['core/reports/a.ts', '../model/sections.ts'],
  ['core/reports/a.ts', '../catalog/index.ts'],
  ['core/reports/a.ts', 'node:fs'],
  ['core/planner/a.ts', '../jobs/runner.ts'],
  ['core/planner/a.ts', 'undici'],
  ['core/jobs/a.ts', '../engine/index.ts'],
  ['core/engine/a.ts', '../../cli/main.ts'],
  ['core/engine/a.ts', 'electron'],
  ['core/jobs/a.ts', '../../sandbox/index.ts'],
  ['cli/a.ts', '../core/model/sections.ts'],
  ['cli/commands/a.ts', '../../core/jobs/runner.ts'],
  ['cli/a.ts', '../electron/main/other-node.ts'],
  ['cli/commands/a.ts', '../../test/cli/captured.ts'],
  ['sandbox/a.ts', '../core/formats/document-reader.ts'],
  ['sandbox/http/a.ts', '../../renderer/client/host.ts'],
  ['core/engine/a.ts', '../app/index.ts'],
  ['core/app/a.ts', '../catalog/index.ts'],
  ['core/app/a.ts', 'electron'],
  ['renderer/a.ts', '../core/engine/index.ts'],
  ['renderer/screens/a.tsx', '../../electron/main/index.ts'],
  ['renderer/a.ts', 'node:fs'],
  ['renderer/design/a.tsx', '../features/jobs/job-line.tsx'],
  ['renderer/wording/a.ts', '../shell/screens.tsx'],
  ['renderer/features/jobs/a.tsx', '../../screens/jobs/job-outcome.tsx'],
  ['renderer/features/jobs/a.tsx', '../../../core/engine/index.ts'],
  ['electron/main/a.ts', '../../core/jobs/runner.ts'],
  ['electron/main/a.ts', '../../renderer/main.tsx'],
])('%s may not import %s', (place, imported) => {
  expect(lint(place, `export * from '${imported}';\n`)).toContain(RESTRICTED);
});

it.each([
  ['core/jobs/a.ts', '../planner/plan.ts'],
  ['core/formats/a.ts', '../model/sections.ts'],
  ['cli/a.ts', '../core/engine/index.ts'],
  ['core/connectors/admin-api/a.ts', '../../formats/document-reader.ts'],
])('%s may import %s', (place, imported) => {
  expect(lint(place, `export * from '${imported}';\n`)).not.toContain(RESTRICTED);
});

it.each([
  ['electron/main/a.ts', 'ipcMain', true],
  ['electron/preload/a.ts', 'ipcRenderer', true],
  ['electron/ipc.ts', 'ipcMain', false],
  ['electron/main/a.ts', 'dialog', false],
])('%s importing %s is found: %s', (place, name, found) => {
  const printed = lint(
    place,
    `export { ${name} } from 'electron';\nimport { ${name} as a } from 'electron';\na();\n`,
  );
  expect(printed.includes(RESTRICTED)).toBe(found);
});

it('core writes nothing to a console and ends no process', () => {
  const printed = lint('core/jobs/a.ts', `console.log('x');\nprocess.exit(1);\n`);
  expect(printed).toContain('no-console');
  expect(printed).toContain('no-process-exit');
});

it('finds an import cycle', () => {
  const other = join(plot, 'core/jobs/b.ts');
  mkdirSync(dirname(other), { recursive: true });
  writeFileSync(other, `import { a } from './a.ts';\nexport const b = () => a;\n`);
  expect(lint('core/jobs/a.ts', `import { b } from './b.ts';\nexport const a = () => b;\n`)).toContain(
    'no-cycle',
  );
});

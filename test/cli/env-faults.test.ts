import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCommandLine } from '../../cli/program.ts';
import { captured } from './captured.ts';
import { ENV_FAULTS, FAULT_SECRET } from './env-faults.ts';

const root = mkdtempSync(join(tmpdir(), 'drawbridge-faults-'));
afterAll(() => rmSync(root, { recursive: true }));

/** One network, one fault each: what `env add` and `env test` say of it, in a sentence, with what to do. */
test.concurrent.each(
  ENV_FAULTS.filter(({ slow }) => slow !== true).map((fault) => [fault.tells, fault] as const),
)('%s', async (_tells, fault) => {
  const folder = mkdtempSync(join(root, `${fault.name}-`));
  const started = await fault.start(folder);
  try {
    const around = captured({
      DRAWBRIDGE_CATALOG: join(folder, 'catalog'),
      DRAWBRIDGE_PASSPHRASE: 'p',
      FAULT_SECRET,
    });
    const code = await runCommandLine(['env', 'add', fault.name, ...started.flags], around);
    const said = around.out() + around.err();
    expect(said).toMatch(fault.says);
    expect(code).toBe(fault.passes ? 0 : 5);
    expect(said).not.toContain(FAULT_SECRET);
    const again = captured({
      DRAWBRIDGE_CATALOG: join(folder, 'catalog'),
      DRAWBRIDGE_PASSPHRASE: 'p',
      FAULT_SECRET,
    });
    expect(await runCommandLine(['env', 'test', fault.name], again)).toBe(code);
    expect(again.out() + again.err()).toMatch(fault.says);
    expect(said).toContain(
      `Added “${fault.name}”${fault.passes ? '. Next:' : ', but it cannot be used yet.'}`,
    );
  } finally {
    await started.close();
  }
});

import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** The rules that go by colours: all that can differ between the themes. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** Nothing that axe objects to, in either theme. The page's theme must be the system's. */
export async function expectAccessible(
  page: Page,
  window: 'loopback' | 'electron' = 'loopback',
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    const axe = new AxeBuilder({ page });
    if (colorScheme === 'dark') axe.withRules(OF_COLOURS);
    const { violations } = await (window === 'electron' ? axe.setLegacyMode(true) : axe).analyze();
    const told = violations.map(
      ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map(({ html }) => html).join('\n  ')}`,
    );
    expect(told, `axe, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await expectTellingNames(page);
}

/** Who hears buttons without seeing where they stand tells them apart by their names. */
async function expectTellingNames(page: Page): Promise<void> {
  const dialogs = page.getByRole('dialog');
  // In front of a page there is nothing but the dialog.
  const shown = (await dialogs.count()) > 0 ? dialogs.last() : page.locator('body');
  const lines = withoutConflicts((await shown.ariaSnapshot()).split('\n'));
  const names = lines.flatMap((line) => /^\s*- '?(?:button|menuitem) "(.*?)"/.exec(line)?.[1] ?? []);
  expect(
    names.filter((name, at) => names.indexOf(name) !== at),
    'several buttons of one name',
  ).toEqual([]);
}

/** Each kind of conflict is a question, with answers of its own, which are the same for many. */
function withoutConflicts(lines: readonly string[]): readonly string[] {
  const begin = lines.findIndex((line) => line.trimStart().startsWith('- region "Conflicts"'));
  if (begin < 0) return lines;
  const indent = lines[begin]!.search(/\S/);
  const length = lines.slice(begin + 1).findIndex((line) => line.search(/\S/) <= indent);
  return [...lines.slice(0, begin), ...(length < 0 ? [] : lines.slice(begin + 1 + length))];
}

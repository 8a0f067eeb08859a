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
}

import type { DesktopBridge } from '../../contract/desktop-bridge.ts';

/** What the system's settings say of dates and numbers: of its regional format in the desktop program, of the browser elsewhere. */
const SYSTEM =
  known((globalThis as { drawbridge?: DesktopBridge }).drawbridge?.systemLocale) ??
  known(navigator.language) ??
  'en-GB';

/**
 * The language of dates: English words, for windows speak English and a date stands in their sentences, in the order and with
 * the clock of the system's region: “30 Nov 2026, 17:05” in Germany, “Nov 30, 2026, 5:05 PM” in the United States.
 */
export const DATES = datesOf(SYSTEM);
/** How the system groups and points numbers, in the digits of the sentences around them. */
export const NUMBERS = numbersOf(SYSTEM);

/** English of the system's region; where there is none, with the month as a word between day and year, which nobody misreads. */
export function datesOf(system: string): string {
  const locale = new Intl.Locale(system);
  if (locale.language === 'en') return locale.baseName;
  const english = `en-${locale.maximize().region}`;
  return new Intl.DateTimeFormat(english).resolvedOptions().locale === english ? english : 'en-GB';
}

export function numbersOf(system: string): string {
  return new Intl.Locale(system, { numberingSystem: 'latn' }).toString();
}

/** @returns undefined for what is no locale: Chromium says `en-US@posix` of itself where the system says `C`. */
export function known(locale: string | undefined): string | undefined {
  try {
    return locale ? Intl.getCanonicalLocales(locale)[0] : undefined;
  } catch {
    return undefined;
  }
}

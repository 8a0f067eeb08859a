/** The parts of an address; undefined: it is none. (`URL.canParse` came with Chromium 120, `URL.parse` with 126.) */
export function parsedAddress(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The bytes that JSON's structure is made of. */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const TAB = 0x09;
export const MINUS = 0x2d;
export const SINGLE_QUOTE = 0x27;
export const SLASH = 0x2f;
export const HASH = 0x23;
export const SMALL_F = 0x66;
export const SMALL_N = 0x6e;
export const SMALL_T = 0x74;
export const SMALL_U = 0x75;

export function isSpace(byte: number): boolean {
  return byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** A byte that ends or separates values. */
export function isSeparator(byte: number): boolean {
  return isClosing(byte) || byte === COMMA || byte === COLON;
}

export function isClosing(byte: number): boolean {
  return byte === CLOSE_OBJECT || byte === CLOSE_LIST;
}

/** The kind of value that begins with this byte; undefined when none does. */
export function kindOfFirstByte(byte: number): string | undefined {
  if (byte === OPEN_OBJECT) return 'an object';
  if (byte === OPEN_LIST) return 'a list';
  if (byte === QUOTE) return 'text';
  if (byte === MINUS || isDigit(byte)) return 'a number';
  if (byte === SMALL_T || byte === SMALL_F) return 'true or false';
  return byte === SMALL_N ? 'null' : undefined;
}

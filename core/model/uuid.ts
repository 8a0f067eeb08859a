const UUID = /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i;

/** Whether this is a UUID in the form in which people read it and PostgreSQL gives it, in whatever case. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

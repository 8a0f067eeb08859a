/** The browser has taken hold of it by then. Milliseconds. */
const TAKEN = 10_000;

/** Hands a file to the browser to be saved; in the desktop program that asks for a place. */
export function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), TAKEN);
}

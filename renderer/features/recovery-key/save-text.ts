/** Hands a text to the browser as a file to be saved; in the desktop program that asks for a place. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken what it needs of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

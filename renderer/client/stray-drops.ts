/**
 * A file that is dropped beside a field for files is not taken: a browser would open it in the place of the page, and what is
 * begun there would be gone.
 */
export function refuseStrayDrops(page: Window): void {
  for (const name of ['dragover', 'drop'] as const)
    page.addEventListener(name, (event) => {
      // A field that takes it has said so.
      if (event.defaultPrevented) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
    });
}

/** A name as one segment of a path; a segment of dots would climb the path instead. */
export function segment(name: string): string {
  return /^\.+$/.test(name) ? name.replaceAll('.', '%252E') : encodeURIComponent(name);
}

/** A name from our own lists as people read it: `double_payment` → `double payment`. */
export function inWords(name: string): string {
  return name.replaceAll('_', ' ');
}

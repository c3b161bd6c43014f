/**
 * One text for all that means the same in JSON: the keys of each object in order; lists keep theirs. Numbers are as
 * `JSON.parse` read them, so `1`, `1.0` and `1e0` are one. Like RFC 8785, for values that came out of `JSON.parse`.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

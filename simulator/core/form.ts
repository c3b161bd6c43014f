/** A parsed `application/x-www-form-urlencoded` value: a text, or a map for `a[b]=` and `a[0]=` alike. */
export type FormValue = string | FormMap;
export type FormMap = Map<string, FormValue>;

const MAX_DEPTH = 12;

/**
 * Parses Stripe's bracket form: `metadata[order]=7&lines[0][amount]=500&types[]=a`. Maps, not objects, so that a
 * parameter named `__proto__` is only a name. A malformed key stays one flat name and is then unknown to the route.
 */
export function parseForm(encoded: string): FormMap {
  const root: FormMap = new Map();
  if (encoded === '') return root;
  for (const pair of encoded.split('&')) {
    if (pair === '') continue;
    const at = pair.indexOf('=');
    const key = decode(at < 0 ? pair : pair.slice(0, at));
    put(root, keyPath(key), at < 0 ? '' : decode(pair.slice(at + 1)));
  }
  return root;
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function keyPath(key: string): string[] {
  const open = key.indexOf('[');
  if (open < 1 || !key.endsWith(']')) return [key];
  const path = [key.slice(0, open), ...key.slice(open + 1, -1).split('][')];
  return path.length > MAX_DEPTH ? [key] : path;
}

function put(root: FormMap, path: string[], value: string): void {
  let map = root;
  for (const [depth, part] of path.entries()) {
    const name = part === '' ? String(map.size) : part;
    if (depth === path.length - 1) {
      map.set(name, value);
      return;
    }
    const child = map.get(name);
    if (child instanceof Map) {
      map = child;
    } else {
      const fresh: FormMap = new Map();
      map.set(name, fresh);
      map = fresh;
    }
  }
}

/** The form as plain JSON, for the request log and for comparing two requests under one idempotency key. */
export function formToJson(map: FormMap): Record<string, unknown> {
  const entries = [...map].map(
    ([name, value]) => [name, typeof value === 'string' ? value : formToJson(value)] as const,
  );
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries);
}

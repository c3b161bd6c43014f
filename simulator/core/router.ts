import { unrecognizedUrl } from './errors.ts';

/** Anything that answers at a method and a path template. */
export interface Endpoint {
  readonly method: string;
  readonly template: string;
}

export interface Match<E extends Endpoint> {
  route: E;
  ids: ReadonlyMap<string, string>;
}

interface Compiled<E> {
  route: E;
  segments: readonly string[];
}

/** Finds the endpoint of a request; literal segments win over `{ids}`. */
export class Router<E extends Endpoint> {
  readonly #byMethod = new Map<string, Compiled<E>[]>();

  constructor(routes: readonly E[]) {
    for (const route of routes) {
      const compiled = this.#byMethod.get(route.method) ?? [];
      compiled.push({ route, segments: route.template.split('/') });
      this.#byMethod.set(route.method, compiled);
    }
    for (const compiled of this.#byMethod.values()) compiled.sort((a, b) => holes(a) - holes(b));
  }

  find(method: string, path: string): Match<E> {
    const parts = path.split('/');
    for (const { route, segments } of this.#byMethod.get(method) ?? []) {
      const ids = match(segments, parts);
      if (ids !== undefined) return { route, ids };
    }
    throw unrecognizedUrl(method, path);
  }
}

const holes = ({ segments }: Compiled<unknown>): number => segments.filter((segment) => segment.startsWith('{')).length;

function match(segments: readonly string[], parts: readonly string[]): Map<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const ids = new Map<string, string>();
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if (segment.startsWith('{')) {
      if (part === '') return undefined;
      ids.set(segment.slice(1, -1), decodePart(part));
    } else if (segment !== part) {
      return undefined;
    }
  }
  return ids;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

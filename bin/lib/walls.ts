import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { checkout } from './checkout.ts';

/**
 * The walls of the house: no folder imports one that imports it, however long the way round. A layer is a rule of Biome
 * for each pair that somebody thought of; a circle is seen here without anybody having thought of it.
 */

/** File → the files of the same tree that it imports, as paths from the root of the checkout. */
export type Imports = ReadonlyMap<string, readonly string[]>;
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

/** Types count: who knows another's shape can't be changed without it. */
export function importsIn(file: string, text: string): string[] {
  return [...text.matchAll(IMPORT)].map(([, said = '']) => posix.join(posix.dirname(file), said));
}

export function importsUnder(top: string): Imports {
  const files = globSync(`${top}/**/*.{ts,tsx}`, { cwd: checkout });
  return new Map(files.map((file) => [file, importsIn(file, readFileSync(join(checkout, file), 'utf8'))]));
}

/** What the lint step complains about. */
export function allCircles(): string[] {
  return ['src', 'simulator'].flatMap((top) => circlesOf(importsUnder(top)));
}

/** Circles of files, of folders by the files that lie in them, and of folders with all that is below them. */
export function circlesOf(imports: Imports): string[] {
  const floors = [(file: string) => file, dirname, topOf];
  return [...new Set(floors.flatMap((placeOf) => circlesIn(graphOf(imports, placeOf))))];
}

/** Arrows between the folders right below the root of the tree, e.g. `src/api → src/billing`. */
export function arrowsOf(imports: Imports): string[] {
  return [...graphOf(imports, topOf)].flatMap(([from, to]) => [...to].map((each) => `${from} → ${each}`)).sort();
}

function topOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

function graphOf(imports: Imports, placeOf: (file: string) => string): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [file, imported] of imports) {
    for (const other of imported.filter((each) => imports.has(each))) {
      const [from, to] = [placeOf(file), placeOf(other)];
      if (from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  return graph;
}

/** The shortest circle through each place that is on one, each circle once, e.g. `a → b → a`. */
function circlesIn(graph: Graph): string[] {
  const circles = new Map<string, string>();
  for (const place of [...graph.keys()].sort()) {
    const way = shortestWayBack(graph, place);
    const known = way?.toSorted().join();
    if (way && known && !circles.has(known)) circles.set(known, [...way, place].join(' → '));
  }
  return [...circles.values()];
}

function shortestWayBack(graph: Graph, start: string): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way;
      if (!seen.has(next)) ways.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}

if (import.meta.main) {
  const circles = allCircles();
  for (const circle of circles) console.log(`circle: ${circle}`);
  for (const arrow of process.argv.includes('--arrows') ? arrowsOf(importsUnder('src')) : []) console.log(arrow);
  process.exitCode = circles.length === 0 ? 0 : 1;
}

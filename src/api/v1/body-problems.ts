import { type FieldProblem, fieldAt, MOST_PROBLEMS } from '../../platform/field-problems.ts';

/** No body that /v1 takes is deeper than three. */
export const DEEPEST = 20;

/** What /v1 refuses in any body, whatever it is for. `JSON.parse` made it, which takes every depth without recursion. */
export type BodyVerdict = { readonly tooDeep: true } | { readonly tooDeep: false; readonly problems: FieldProblem[] };

/**
 * Goes no deeper than it may, and looks no further than the last problem that is told: a body costs what its size does.
 * Text in Postgres can hold every character but NUL.
 */
export function bodyVerdict(body: unknown): BodyVerdict {
  if (isDeeper(body, DEEPEST)) return { tooDeep: true };
  const problems: FieldProblem[] = [];
  collectNulCharacters(body, [], problems);
  return { tooDeep: false, problems };
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** @param path to the value; the same array all the way, so that no path is built that is not told */
function collectNulCharacters(value: unknown, path: string[], problems: FieldProblem[]): void {
  if (problems.length === MOST_PROBLEMS) return;
  if (typeof value === 'string' && value.includes('\0')) {
    problems.push({ field: fieldAt(path), message: 'holds a character that is no text' });
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    path.push(key);
    collectNulCharacters(item, path, problems);
    path.pop();
  }
}

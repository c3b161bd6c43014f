import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../bin/lib/checkout.ts';

/** The documents of the project, and what they name. */
export type Document = {
  readonly file: string;
  readonly text: string;
  /** Everything written as code: `inline`, and each line of fenced blocks. */
  readonly code: readonly string[];
};

export const documents: readonly Document[] = globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md'], { cwd: checkout })
  .sort()
  .map((file) => {
    const text = readFileSync(join(checkout, file), 'utf8');
    return { file, text, code: codeIn(text) };
  });

export function documentNamed(file: string): Document {
  const found = documents.find((document) => document.file === file);
  if (!found) throw new Error(`There is no ${file}`);
  return found;
}

function codeIn(text: string): string[] {
  const fences = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap((match) => String(match[1]).split('\n'));
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, '');
  return [...fences, ...[...prose.matchAll(/`([^`\n]+)`/g)].map((match) => String(match[1]))];
}

/** Words of all code, without the marks that a shell or a sentence puts around them. */
export function wordsOf(document: Document): string[] {
  return document.code.flatMap((code) => code.split(/[\s"'()<>|,;]+/)).filter((word) => word !== '');
}

/** Rows of the first table below the heading, as cells. */
export function tableBelow(document: Document, heading: string): string[][] {
  const [, below = ''] = document.text.split(`\n## ${heading}\n`);
  const lines = below.split('\n## ')[0]?.split('\n') ?? [];
  return lines
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** What stands in the first pair of backticks. */
export function firstCode(cell: string | undefined): string | undefined {
  return /`([^`]+)`/.exec(cell ?? '')?.[1];
}

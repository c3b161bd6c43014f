import { describe, expect, test } from 'vitest';
import { arrowsOf, circlesOf, importsIn } from '../../bin/lib/walls.ts';

const house = (imports: Record<string, readonly string[]>) => new Map(Object.entries(imports));

describe('a circle', () => {
  test.each([
    [
      'of two files',
      { 'src/a/x.ts': ['src/a/y.ts'], 'src/a/y.ts': ['src/a/x.ts'] },
      ['src/a/x.ts → src/a/y.ts → src/a/x.ts'],
    ],
    [
      'of two folders, although no file of it is on one',
      { 'src/a/x.ts': ['src/a/b/y.ts'], 'src/a/b/y.ts': [], 'src/a/b/z.ts': ['src/a/w.ts'], 'src/a/w.ts': [] },
      ['src/a → src/a/b → src/a'],
    ],
    [
      'of three folders, told once',
      {
        'src/t/a/x.ts': ['src/t/b/x.ts'],
        'src/t/b/x.ts': [],
        'src/t/b/y.ts': ['src/t/c/x.ts'],
        'src/t/c/x.ts': [],
        'src/t/c/y.ts': ['src/t/a/y.ts'],
        'src/t/a/y.ts': [],
      },
      ['src/t/a → src/t/b → src/t/c → src/t/a'],
    ],
    [
      'of two floors, through folders below them',
      { 'src/a/x/x.ts': ['src/b/x/x.ts'], 'src/b/x/x.ts': [], 'src/b/y/y.ts': ['src/a/y/y.ts'], 'src/a/y/y.ts': [] },
      ['src/a → src/b → src/a'],
    ],
  ])('%s is seen', (_of, imports, circles) => {
    expect(circlesOf(house(imports))).toEqual(circles);
  });

  test('is not what only goes down', () => {
    const imports = { 'src/a/x.ts': ['src/b/x.ts', 'src/c/x.ts'], 'src/b/x.ts': ['src/c/x.ts'], 'src/c/x.ts': [] };
    expect(circlesOf(house(imports))).toEqual([]);
    expect(arrowsOf(house(imports))).toEqual(['src/a → src/b', 'src/a → src/c', 'src/b → src/c']);
  });
});

test.each([
  ["import { x } from '../b/y.ts';", ['src/b/y.ts']],
  ["import type { X } from './y.ts';", ['src/a/y.ts']],
  ["export { x } from './y.ts';", ['src/a/y.ts']],
  ["import './y.ts';", ['src/a/y.ts']],
  ["const { x } = await import('./y.ts');", ['src/a/y.ts']],
  ["import {\n  x,\n  type Y,\n} from './y.ts';", ['src/a/y.ts']],
  ["import express from 'express';", []],
])('%j imports %j', (text, imported) => {
  expect(importsIn('src/a/x.ts', text)).toEqual(imported);
});

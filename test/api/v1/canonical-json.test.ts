import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/api/v1/canonical-json.ts';
import { propertyRun } from '../../support/property.ts';

test.each([
  ['{"b":1,"a":[2,{"d":null,"c":true}]}', '{"a":[2,{"c":true,"d":null}],"b":1}'],
  ['[3,1,2]', '[3,1,2]'],
  ['{"a":1.0,"b":1e2,"c":-0}', '{"a":1,"b":100,"c":0}'],
  ['{"\\u0061":"\\u00e9"}', '{"a":"é"}'],
  ['{"__proto__":{"b":1,"a":2},"10":1,"9":2}', '{"10":1,"9":2,"__proto__":{"a":2,"b":1}}'],
  ['{"a":1,"a":2}', '{"a":2}'],
  ['"text"', '"text"'],
  ['null', 'null'],
])('%s is %s', (json, canonical) => {
  expect(canonicalJson(JSON.parse(json))).toBe(canonical);
});

test('nothing at all is null', () => {
  expect(canonicalJson(undefined)).toBe('null');
});

test('two values have one text exactly when they are equal', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  const read = (given: unknown): unknown => JSON.parse(JSON.stringify(given));
  fc.assert(
    fc.property(value, value, (one, other) => {
      expect(JSON.parse(canonicalJson(read(one)))).toEqual(read(one));
      expect(canonicalJson(read(one))).toBe(canonicalJson(turned(read(one))));
      const differ = canonicalJson(read(one)) !== canonicalJson(read(other));
      expect(differ).toBe(!isEqual(read(one), read(other)));
    }),
    propertyRun(300),
  );
});

/** The same, with the keys of every object the other way round. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .reverse()
    .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(turned(item))}`);
  return JSON.parse(`{${fields.join(',')}}`);
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    expect(one).toEqual(other);
    return true;
  } catch {
    return false;
  }
}

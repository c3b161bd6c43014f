import { expect } from 'vitest';

/**
 * `toMatchObject({ reason: /paid/ })` would pass for every reason: vitest compares the own properties of the pattern, and it
 * has none. So a pattern equals no text; `expect.stringMatching(/paid/)` is what was meant.
 */
expect.addEqualityTesters([
  (found: unknown, expected: unknown) => {
    if (expected instanceof RegExp && !(found instanceof RegExp)) {
      throw new Error(
        `${String(expected)} is compared as an object, which passes for everything: use expect.stringMatching`,
      );
    }
    return undefined;
  },
]);

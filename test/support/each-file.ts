import { afterAll } from 'vitest';
import { releaseAll } from './clean-up.ts';

/** A setup file of vitest: it runs before each test file, also where files share the modules that are loaded. */
afterAll(releaseAll);

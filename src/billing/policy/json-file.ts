import { readFileSync } from 'node:fs';
import { ConfigError } from '../../platform/config.ts';

/** @param setting that names the file, for the error; @throws ConfigError */
export function readJsonFile(setting: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${setting}: ${path} can't be read as JSON: ${why}`);
  }
}

import { ConfigError } from './config.ts';

/** The frame of every process of ours: a configuration that is not usable is told plainly, without a stack, and ends it. */
export async function runProcess(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

import { type Config, ConfigError, loadConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { speakThroughLog } from './one-voice.ts';

/**
 * The frame of every process of ours. A configuration that is not usable is told plainly, without a stack, and ends it; all
 * else that it says goes through its log.
 */
export async function runProcess(role: string, main: (config: Config, log: Log) => Promise<void>): Promise<void> {
  try {
    const config = loadConfig();
    const log = createLog(config.LOG_LEVEL, { role });
    speakThroughLog(log, { role });
    await main(config, log);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}

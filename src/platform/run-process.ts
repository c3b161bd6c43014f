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
    const plain = error instanceof ConfigError ? error.message : whyNotListening(error);
    if (plain === undefined) throw error;
    process.stderr.write(`${plain}\n`);
    process.exit(2);
  }
}

/** The address that was configured is not to be had. @returns undefined for any other error */
function whyNotListening(error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
  if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') return undefined;
  return error.code === 'EADDRINUSE'
    ? `${error.message}. Another process uses PORT (or WORKER_PORT): stop it, or choose another port.`
    : `${error.message}. HOST must be an address of this machine, and PORT one that this user may open.`;
}

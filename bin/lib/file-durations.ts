import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** A reporter of vitest: writes how long each test file took, with what it starts and ends, into the file that TEST_FILE_DURATIONS names. */
export default class FileDurations implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.TEST_FILE_DURATIONS;
    if (!file) return;
    const durations = modules.map((module): [string, number] => {
      const { collectDuration, setupDuration, duration } = module.diagnostic();
      return [module.relativeModuleId, Math.round(collectDuration + setupDuration + duration)];
    });
    writeFileSync(file, JSON.stringify(Object.fromEntries(durations)));
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Services } from './private-services.ts';
import { listRuns, processesOf, type Run, writeWhole } from './runs.ts';

/** Notes the URLs of stores that stay up, so that a second start finds them. */
export function keepServices(run: Run, services: Services): void {
  writeWhole(fileOf(run), JSON.stringify(services));
}

/** The stores that an earlier `bin/services start` left up, when both are still alive. */
export function keptServices(): { run: Run; services: Services } | undefined {
  const run = listRuns().find(
    (one) => one.kind === 'services' && existsSync(fileOf(one)) && processesOf(one).filter((p) => p.store).length === 2,
  );
  return run && { run, services: JSON.parse(readFileSync(fileOf(run), 'utf8')) };
}

function fileOf(run: Run): string {
  return join(run.folder, 'services.json');
}

import { line } from '../../bin/lib/progress.ts';

/** The title of tests that can't run here, with what they lack beside it, which is said aloud too; as it is where they lack nothing. */
export function orWhySkipped(title: string, lacking: string | undefined): string {
  if (lacking === undefined) return title;
  line(`! Skipped: ${title}: ${lacking}`);
  return `${title} (skipped: ${lacking})`;
}

/** Something is missing or wrong on this machine that the reader can mend: one sentence and the command to type. */
export class Complaint extends Error {
  readonly command: string | undefined;

  constructor(sentence: string, command?: string) {
    super(sentence);
    this.name = 'Complaint';
    this.command = command;
  }
}

/** What to print for an error: a complaint without its stack, anything else with it. */
export function explain(error: unknown): string {
  if (error instanceof Complaint) return error.command ? `${error.message}\n\n    ${error.command}\n` : error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What to type to install Debian packages, as the user that reads it. */
export function aptInstall(...packages: string[]): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

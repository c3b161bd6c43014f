/** Who sends the invoices, as it is configured. */
export interface Business {
  readonly name: string;
  /** Address, tax number and the like; lines are separated by `|`. */
  readonly details: string;
  /** Its days begin there, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

export function detailLines({ details }: Business): string[] {
  return details
    .split('|')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

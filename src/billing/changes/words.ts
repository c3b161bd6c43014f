/** `2026-12-31 09:05 UTC` */
export function isoMinute(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

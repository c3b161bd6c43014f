import type { Figures, IngestOptions } from './ingest.ts';
import type { Round } from './ingest-round.ts';
import { machine, markdownTable, median } from './table.ts';

/** Processor time first: it is what a busy machine distorts least. Ratios compare within the run. */
const header = [
  'connections',
  'server',
  'CPU µs/event, server',
  'stores',
  'of verify-only, server',
  'stores',
  'events/s',
  'of verify-only',
  'p50 ms',
  'p99 ms',
];

export function report(figures: Figures, { rounds, requests }: IngestOptions): string {
  const rows = [...figures].flatMap(([connections, byName]) => {
    const base = medians(byName.get('verify-only'));
    return [...byName].map(([name, measured]) => {
      const { server, stores, rate, p50, p99 } = medians(measured);
      return [
        String(connections),
        name,
        server.toFixed(0),
        stores.toFixed(0),
        (server / base.server).toFixed(2),
        (stores / base.server).toFixed(2),
        rate.toFixed(0),
        `${((100 * rate) / base.rate).toFixed(0)} %`,
        p50.toFixed(1),
        p99.toFixed(1),
      ];
    });
  });
  return [
    `${machine()}; ${rounds} rounds of ${requests} events of 3 kB for each line; medians.`,
    '',
    markdownTable(header, rows),
  ].join('\n');
}

function medians(rounds: readonly Round[] = []): Omit<Round, 'answers'> {
  const of = (figure: keyof Round): number => median(rounds.map((each) => each[figure]));
  return { server: of('server'), stores: of('stores'), rate: of('rate'), p50: of('p50'), p99: of('p99') };
}

import { parseArgs } from 'node:util';
import { access } from './access.ts';
import { drain } from './drain.ts';
import { growth } from './growth.ts';
import { ingestAt } from './ingest.ts';
import { latency } from './latency.ts';
import { renewals } from './renewals.ts';
import { onStage } from './stage.ts';

/** `npm run bench -- ingest|drain|latency|growth|access|renewals`: prints a table for docs/benchmarks.md. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '20000' },
    connections: { type: 'string' },
    payments: { type: 'string', default: '5000' },
    concurrency: { type: 'string', default: '50' },
    workers: { type: 'string' },
    stored: { type: 'string', default: '0,1000000' },
    events: { type: 'string', default: '1000000' },
    visits: { type: 'string', default: '60' },
    rate: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '20' },
    latencies: { type: 'string', default: '20,100' },
    grants: { type: 'string', default: '10000,1000000' },
    renewals: { type: 'string', default: '10000' },
  },
});

await onStage(async (stage) => {
  switch (positionals[0]) {
    case 'ingest': {
      const options = {
        rounds: Number(values.rounds),
        requests: Number(values.requests),
        connections: (values.connections ?? '16,32,64,128').split(',').map(Number),
      };
      for (const stored of values.stored.split(',').map(Number)) {
        const table = await ingestAt(stage, stored, options);
        process.stdout.write(`\n${stored} events are stored before.\n\n${table}\n`);
      }
      break;
    }
    case 'drain': {
      const { payments, concurrency } = values;
      const options = {
        payments: Number(payments),
        concurrency: Number(concurrency),
        workers: (values.workers ?? '1,2,4').split(',').map(Number),
        latencyMs: 100,
      };
      process.stdout.write(`\n${await drain(stage, options)}\n`);
      break;
    }
    case 'latency': {
      const options = {
        rate: Number(values.rate),
        seconds: Number(values.seconds),
        rounds: Number(values.rounds),
        workers: Number(values.workers ?? 2),
        latenciesMs: values.latencies.split(',').map(Number),
      };
      process.stdout.write(`\n${await latency(stage, options)}\n`);
      break;
    }
    case 'growth': {
      const { events, visits, rounds, requests } = values;
      const options = {
        events: Number(events),
        visits: Number(visits),
        rounds: Number(rounds),
        requests: Number(requests),
      };
      process.stdout.write(`\n${await growth(stage, options)}\n`);
      break;
    }
    case 'access': {
      const options = {
        grants: values.grants.split(',').map(Number),
        connections: (values.connections ?? '1,16').split(',').map(Number),
        requests: Number(values.requests),
        rounds: Number(values.rounds),
      };
      process.stdout.write(`\n${await access(stage, options)}\n`);
      break;
    }
    case 'renewals': {
      const options = { renewals: Number(values.renewals), workers: Number(values.workers ?? 2) };
      process.stdout.write(`\n${await renewals(stage, options)}\n`);
      break;
    }
    default:
      throw new Error('Which benchmark? ingest, drain, latency, growth, access or renewals');
  }
});

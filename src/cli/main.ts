import { run } from './run.ts';
import { terminal } from './terminal.ts';

/** `npm run quittance -- COMMAND` */
const { env, stdin, stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(2), terminal({ env, stdin, stdout, stderr }));

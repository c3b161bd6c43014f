import { run } from './run.ts';
import { terminal } from './terminal.ts';

/** `npm run quittance -- COMMAND` */
const { env, stdin, stdout, stderr } = process;
// Whoever reads only the first lines (`| head`) has closed the pipe: that is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
process.exitCode = await run(process.argv.slice(2), terminal({ env, stdin, stdout, stderr }));

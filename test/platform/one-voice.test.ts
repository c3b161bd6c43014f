import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';

/** A process that says what ours never should, in each of the ways in which libraries and Node can. */
function processThat(does: string) {
  const program = `
    const { createLog } = await import('./src/platform/log.ts');
    const { speakThroughLog } = await import('./src/platform/one-voice.ts');
    speakThroughLog(createLog('debug', { role: 'test' }), { role: 'test' });
    const secret = 'sk_live_51abcdefgh', person = 'ada@example.com';
    ${does}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: checkout,
    env: cleanEnvironment(),
    encoding: 'utf8',
  });
  return { status, stdout, stderr, lines: stdout.split('\n').filter((line) => line !== '') };
}

describe('what a process says goes through its log', () => {
  test.each([
    ['console.log', `console.log('key %s of', secret, { person });`, 'a library says', 0],
    ['console.error', `console.error(new Error(secret + person));`, 'a library says', 0],
    ['a warning', `process.emitWarning(secret + ' ' + person); await new Promise(setImmediate);`, 'warning of Node', 0],
    ['a deprecation', `new Buffer(1); await new Promise(setImmediate);`, 'warning of Node', 0],
    [
      'an error that nobody handles',
      `setTimeout(() => { throw new Error(secret + ' ' + person) });`,
      'nobody handles',
      1,
    ],
    [
      'a rejection that nobody handles',
      `Promise.reject(new Error(secret + ' ' + person)); setTimeout(() => {}, 60_000);`,
      'nobody handles',
      1,
    ],
    ['something thrown that is no error', `setTimeout(() => { throw { secret, person } });`, 'nobody handles', 1],
    [
      'an event of an error that nobody hears',
      `new (await import('node:events')).EventEmitter().emit('error', new Error(secret));`,
      'nobody handles',
      1,
    ],
  ])('%s', (_what, does, message, code) => {
    const { status, stdout, stderr, lines } = processThat(does);
    expect(stderr).toBe('');
    expect(status).toBe(code);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ message: expect.stringContaining(message), role: 'test' });
    expect(stdout).not.toMatch(/51abcdefgh|ada@/);
  });
});

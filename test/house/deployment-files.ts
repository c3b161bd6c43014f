import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkout } from '../../bin/lib/checkout.ts';

/** docker-compose.yml, Dockerfile and .env.example as data, as far as the tests look at them. */

const value = z.union([z.string(), z.number(), z.boolean()]);

const service = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), value).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.string() })).default({}),
  stop_grace_period: z.string().optional(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
});
export type Service = z.output<typeof service>;

const compose = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.looseObject({ internal: z.boolean().optional() }).nullable()),
  volumes: z.record(z.string(), z.unknown()),
});

export const composeText = readFileSync(join(checkout, 'docker-compose.yml'), 'utf8');
export const { services, networks, volumes } = compose.parse(parse(composeText, { merge: true }));

export function serviceNamed(name: string): Service {
  const found = services[name];
  if (!found) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

/** Names of `${NAME}`, `${NAME:-…}` and `${NAME:?…}`. */
export const substituted = [...new Set([...composeText.matchAll(/\$\{(\w+)/g)].map((match) => String(match[1])))];

/** `NAME=value` lines, those behind a # too. */
export const exampleEnv = Object.fromEntries(
  [...readFileSync(join(checkout, '.env.example'), 'utf8').matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map((match) => [
    String(match[1]),
    String(match[2]),
  ]),
);

export type Instruction = { readonly word: string; readonly rest: string };

/** The instructions of the Dockerfile by stage, continued lines joined. */
export const stages: readonly (readonly Instruction[])[] = readStages(
  readFileSync(join(checkout, 'Dockerfile'), 'utf8'),
);

function readStages(text: string): Instruction[][] {
  const found: Instruction[][] = [];
  for (const line of text.replace(/\\\n\s*/g, '').split('\n')) {
    const [, word = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (word === 'FROM') found.push([]);
    if (word !== '') found.at(-1)?.push({ word, rest });
  }
  return found;
}

export function finalStage(): readonly Instruction[] {
  const last = stages.at(-1);
  if (!last) throw new Error('The Dockerfile has no stage');
  return last;
}

/** What `word` says in the final stage, one string per instruction. */
export function inFinalStage(word: string): string[] {
  return finalStage().flatMap((instruction) => (instruction.word === word ? [instruction.rest] : []));
}

/** ENV of the final stage. */
export const imageEnv = Object.fromEntries(
  inFinalStage('ENV').flatMap((rest) =>
    rest.split(' ').map((pair): [string, string] => {
      const [name = '', ...given] = pair.split('=');
      return [name, given.join('=')];
    }),
  ),
);

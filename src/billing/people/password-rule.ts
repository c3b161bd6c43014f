/** Which passwords are taken. */
export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 200;
/** zxcvbn's scale: below it stands what is found with fewer than a hundred million guesses. */
const LOWEST_SCORE = 3;

type Strength = (password: string, known: string[]) => number;
let strength: Promise<Strength> | undefined;

/** Its lists of 50,000 common passwords take a third of a second to load: only who sets a password waits for them. */
async function loadStrength(): Promise<Strength> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  return (password, known) => estimator.check(password, known).score;
}

/** @returns what is wrong with it, as a sentence; undefined when it is taken */
export async function passwordProblem(password: string, name: string): Promise<string | undefined> {
  const length = [...password.normalize('NFKC')].length;
  if (length < SHORTEST_PASSWORD) return `The password needs at least ${SHORTEST_PASSWORD} characters.`;
  if (length > LONGEST_PASSWORD) return `The password may have ${LONGEST_PASSWORD} characters at most.`;
  strength ??= loadStrength();
  const score = (await strength)(password, [name, ...name.split(/[._@-]/), 'quittance', 'stripe']);
  if (score >= LOWEST_SCORE) return undefined;
  return 'The password is one of those that are guessed first: a common one, a name or date, a pattern of keys, or one of these with a few characters more. Take several words that don’t belong together, or have a password manager make one.';
}

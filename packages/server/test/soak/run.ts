/**
 * Runs the scenarios at full size, one after another, and prints a line for each. Started by scripts/soak.mjs, which builds it
 * and the process that is measured. The words behind the command are the beginnings of the names to run; none means all.
 */
import { linesOf, type SoakOutcome } from './outcome.ts';
import { FULL_SCENARIOS, type FullScenario } from './sizes.ts';
import { withCleanup } from './with-cleanup.ts';

const { SOAK_SEED, SOAK_LEGS, SOAK_TARGET, SOAK_PROXY_FILE = '' } = process.env;
const seed = Number(SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const proxyFile = SOAK_TARGET === 'fake' ? 'fake' : SOAK_PROXY_FILE;
const wanted = process.argv.slice(2);

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function runOne(name: string, scenario: FullScenario): Promise<SoakOutcome> {
  try {
    return await withCleanup((test) => scenario({ test, proxyFile, seed, legs: SOAK_LEGS }));
  } catch (error) {
    const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { scenario: name, violations: [said], numbers: {} };
  }
}

const isWanted = (name: string): boolean =>
  wanted.length === 0 || wanted.some((word) => name.startsWith(word));

print(`seed ${seed}${SOAK_LEGS ? `, legs ${SOAK_LEGS}` : ''}`);
let failed = 0;
for (const [name, scenario] of Object.entries(FULL_SCENARIOS)) {
  if (!isWanted(name)) continue;
  const outcome = await runOne(name, scenario);
  if (outcome.violations.length > 0) failed += 1;
  print(linesOf(outcome));
}
if (failed > 0) print(`${failed} failed; SOAK_SEED=${seed} runs them again`);
process.exit(failed === 0 ? 0 : 1);

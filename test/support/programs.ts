/** Programs that a test needs beside Node. Without them it says what is missing, and in CI it fails. */
import { execFileSync } from 'node:child_process';

export function isHere(name: string): boolean {
  try {
    execFileSync('which', [name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `undefined`: nothing is lacking. Else what is, for people; in CI, where all has to be there, it throws that. */
export function untried(what: string, lacking: readonly string[], mend: string): string | undefined {
  if (lacking.length === 0) return undefined;
  const message = `${what}: ${lacking.join(', ')} cannot be used. ${mend}`;
  if (process.env.CI !== undefined) throw new Error(message);
  process.stderr.write(`${message}\n`);
  return message;
}

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CannotStart } from './cannot-start.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Simulators listen on this machine, where no service on AWS could reach anything that a tenant names. */
const thisMachine = { outboundAllow: '127.0.0.0/8' };

/**
 * Lets the CDK app write its templates and bundles into this folder, with context values as `cdk -c` takes them. Throws
 * `CannotStart` with what the app said.
 */
export async function synthesise(outdir: string, context: Readonly<Record<string, string>> = {}): Promise<void> {
  const given = JSON.parse(process.env.CDK_CONTEXT_JSON ?? '{}') as Record<string, string>;
  const app = spawn(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: {
      ...process.env,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...thisMachine, ...given, ...context }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = () => app.kill();
  process.once('exit', end);
  let said = '';
  app.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => app.once('error', reject).once('close', resolve));
  process.off('exit', end);
  if (code !== 0)
    throw new CannotStart(`The CDK app does not synthesise: ${errorIn(said)} Run "npm run synth" to see all.`);
}

/** The line that names the error, without the code and the stack around it. */
function errorIn(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^\w*Error\b|\[ERROR\]/.test(line)) ?? lines.find((line) => line !== '') ?? 'it says nothing.'
  );
}

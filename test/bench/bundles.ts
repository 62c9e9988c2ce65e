/** What is measured, as Lambda would run it: JavaScript, so that no type has to be stripped while a clock is running. */
import { build, type BuildOptions } from 'esbuild';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle, bundleOf } from '../../infra/bundle.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${root}build/bench`;

export type Stack = 'ours' | 'plain';

export const functions = readdirSync(`${root}functions`);

/** The modules with the handlers. */
export const ofFunction = (name: string) => `${bundleOf(name)}/index.mjs`;
export const ofPlainStack = `${folder}/plain-handler.cjs`;
export const ofNothing = `${folder}/nothing.mjs`;

/** The handler of the post. */
export const ofStack: Readonly<Record<Stack, string>> = { ours: ofFunction('post-entries'), plain: ofPlainStack };

/** The script of this folder that takes a measurement. */
export const measuring = (name: 'post' | 'import' | 'reading') => `${folder}/measured-${name}.mjs`;

export async function bundleAll() {
  await bundle(functions);
  // What CDK makes of a function when it is told nothing, but for the SDK: it is in the file, as it is in ours.
  await write({ entryPoints: ['plain-handler.ts'], format: 'cjs', outExtension: { '.js': '.cjs' } });
  await write({ stdin: { contents: 'export const handler = () => undefined;' }, outfile: ofNothing, format: 'esm' });
  const entryPoints = ['measured-post.ts', 'measured-import.ts', 'measured-reading.ts'];
  await write({ entryPoints, format: 'esm', outExtension: { '.js': '.mjs' } });
}

async function write(options: BuildOptions) {
  const outdir = options.outfile === undefined ? { outdir: folder } : {};
  await build({
    absWorkingDir: `${root}test/bench`,
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
    ...outdir,
    ...options,
  });
}

/** Makes what Lambda runs: one file for each function, with everything that it imports and nothing else. */
import { build } from 'esbuild';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles the functions of these names into `build/functions/NAME/index.mjs`. */
export async function bundle(names: readonly string[]): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: names.map((name) => ({ in: entryPoint(name), out: `${name}/index` })),
    outdir: 'build/functions',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

/** The folder that `bundle` fills for a function. */
export const bundleOf = (name: string) => `${root}build/functions/${name}`;

function entryPoint(name: string) {
  const path = `functions/${name}/handler.ts`;
  if (existsSync(`${root}${path}`)) return path;
  mkdirSync(`${root}build`, { recursive: true });
  writeFileSync(`${root}build/stand-in.ts`, "export const handler = () => ({ statusCode: 501, body: '' });");
  return 'build/stand-in.ts';
}

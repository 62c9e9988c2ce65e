/**
 * Makes what Lambda runs: one file for each function, with everything that it imports and nothing else. The time that
 * a cold function takes is mostly the loading of this file, so what never runs on Lambda is left out of it.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, type Metafile, type OutputFile, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The folder that `bundle` fills for a function. */
export const bundleOf = (name: string) => `${root}build/functions/${name}`;

/** Bundles `functions/NAME/handler.ts` of each name into `build/functions/NAME/index.mjs`. Says what went into each. */
export async function bundle(names: readonly string[]): Promise<Metafile> {
  const missing = names.filter((name) => !existsSync(`${root}functions/${name}/handler.ts`));
  if (missing.length > 0) {
    throw new Error(`There is no functions/NAME/handler.ts for ${missing.join(', ')}, which the contract names.`);
  }
  const { outputFiles, metafile } = await build({
    absWorkingDir: root, // every path in a bundle is relative to it, so that any checkout makes the same bytes
    entryPoints: names.map((name) => ({
      in: `functions/${name}/handler.ts`,
      out: `${name}/index`,
    })),
    outdir: 'build/functions',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'], // the SDK as ES modules: what is not used falls out
    plugins: [leanCredentials, leanEvents, leanBuiltins],
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  await Promise.all(outputFiles.map(put));
  return metafile;
}

/** Another run may be reading or writing the same file, so it appears whole or not at all. */
async function put({ path, contents }: OutputFile) {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  const draft = `${root}build/${randomUUID()}.draft`; // outside of what becomes an asset
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, contents);
  await rename(draft, path);
}

/** Lambda hands its credentials over in the environment. The SDK would bring six more ways to find some. */
const leanCredentials: Plugin = {
  name: 'lean-credentials',
  setup(bundler) {
    bundler.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({
      path,
      namespace: 'credentials',
    }));
    bundler.onLoad({ filter: /./, namespace: 'credentials' }, () => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: root,
    }));
  },
};

/**
 * The SDK imports its event streams when one is opened, which no function of ours does. Left in, every module that they
 * share with the rest is wrapped so that it can be run late: a tenth of the time that a function takes to load.
 */
const leanEvents: Plugin = {
  name: 'lean-events',
  setup(bundler) {
    bundler.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ path }) => ({ path, namespace: 'events' }));
    bundler.onLoad({ filter: /./, namespace: 'events' }, () => ({ contents: 'export {};' }));
  },
};

/**
 * An ES import of a module of Node's reads each of its exports, and one of `node:http` is a getter that loads an HTTP
 * client (about 20 ms). Asking for the module itself reads none. HTTP/2 is left out: none of our clients speaks it.
 */
const leanBuiltins: Plugin = {
  name: 'lean-builtins',
  setup(bundler) {
    bundler.onResolve({ filter: new RegExp(`^(node:)?(${builtinModules.join('|')})$`) }, ({ path }) => ({
      path: path.replace('node:', ''),
      namespace: 'builtin',
    }));
    bundler.onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: path === 'http2' ? '' : `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { bundle, bundleOf } from '../../infra/bundle.ts';
import { functionNames, type FunctionName } from '../../infra/functions.ts';

/**
 * Kilobytes that a function may grow to before somebody asks why: a cold function reads and compiles them all. The
 * DynamoDB client alone is 190; that of EventBridge adds 20 beside it.
 */
const ceilings: Readonly<Record<FunctionName, number>> = {
  authorize: 255,
  'post-entries': 430,
  'find-entries': 270,
  'pull-forwarding-table': 285,
  'put-entry': 330,
  'explain-entries': 345,
  'delete-entries': 325,
  decide: 375,
  'find-sessions': 285,
  'close-session': 285,
  'query-users': 345,
  'query-clearpass': 510,
  'wake-batch-queries': 285,
  'tend-endpoints': 345,
  'watch-senders': 250,
  'erase-tenants': 250,
  'move-tenants': 250,
  'abandon-queries': 285,
  'find-events': 270,
  'serve-feed': 265,
  'find-receipts': 265,
  configure: 525, // 150 of it are RE2, which tries the patterns of templates
  'receive-threat-action': 530,
  'manage-connectors': 560,
  'manage-hosts': 400,
  'manage-endpoints': 460,
  'find-active-users': 270,
  'log-in': 265,
  'serve-radius': 425,
  'set-up': 525,
  'manage-tenants': 350,
  'send-changes': 360,
  'act-on-hosts': 435,
  'forward-logs': 420,
  'receive-threat-logs': 585,
  'wake-connectors': 305,
  'hand-over-changes': 300,
  'tell-health': 255,
  'describe-api': 640, // it is the description of all the others
};

const { outputs, inputs } = await bundle(functionNames);

test.each(Object.entries(ceilings))('%s stays under %d kB', (name, kilobytes) => {
  expect((outputs[`build/functions/${name}/index.mjs`]?.bytes ?? Infinity) / 1_000).toBeLessThan(kilobytes);
});

test('every function loads in plain Node, without an environment, and is a function', () => {
  const loaded = `const { handler } = await import(process.argv[1]); console.log(typeof handler);`;

  for (const name of functionNames) {
    const options = { encoding: 'utf8', env: {}, timeout: 120_000 } as const;
    const args = ['--input-type=module', '-e', loaded, `${bundleOf(name)}/index.mjs`];
    expect(execFileSync(process.execPath, args, options)).toBe('function\n');
  }
});

test('nothing is bundled that never runs on Lambda', () => {
  const never = /credential-provider-(sso|ini|process|web-identity|http|login|imds)|middleware-websocket|xray/;

  expect(Object.keys(inputs).filter((input) => never.test(input))).toEqual([]);
});

test('a bundle is whole: it imports nothing as it loads', () => {
  expect(Object.values(outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

test('a bundle does not say where it was made, so that every checkout makes the same one', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));

  for (const name of functionNames) {
    expect(readFileSync(`${bundleOf(name)}/index.mjs`, 'utf8')).not.toContain(root);
    expect(readFileSync(`${bundleOf(name)}/index.mjs.map`, 'utf8')).not.toContain(root);
  }
});

test('a function that nobody has written is named', async () => {
  await expect(bundle(['conquer-entries'])).rejects.toThrow(
    'There is no functions/NAME/handler.ts for conquer-entries',
  );
});

/** Who may import whom (design decisions in docs/decisions.md). A rule here is cheaper than a review that forgets it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
const files = git('ls-files', '--cached', '--others', '--exclude-standard');
const sources = files.filter((file) => /^(shared|functions|infra)\/.*\.ts$/.test(file));
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');
const codeOf = (file: string) => textOf(file).replaceAll(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g, '');

/** Packages that know nothing of AWS and of the time. Of `node:net` it is the syntax of addresses. */
const pure = 'saxes|valibot|ipaddr\\.js|re2js|node:(crypto|zlib|util|buffer|net)';
/** What reaches out of the process, and the form in which it keeps things there. */
const store = '[\\w-]+-(store|client|queue|item)\\.ts';
const plain = `shared/(?!aws/|edge/)([\\w-]+/)*(?!${store}$)[\\w-]+\\.ts`;

/** What the files of each place may import. The first place that fits decides; `$1` is what it found. */
const rules: readonly (readonly [place: string, may: string])[] = [
  ['shared/(?:contract|service-error)\\.ts', 'nothing'],
  ['(shared/wire/[\\w-]+)/.*', `$1/.*|${pure}`],
  ['shared/aws/.*', 'shared/aws/.*|@(aws-sdk|smithy)/.*'],
  [`(shared/[\\w-]+)/${store}`, `@(aws-sdk|aws-lambda-powertools)/.*|node:.*|${pure}|${plain}|$1/.*`],
  ['shared/edge/.*', `${pure}|node:async_hooks|${plain}|shared/edge/.*|@(aws-lambda-powertools|middy)/.*|aws-lambda`],
  ['shared/.*', `${pure}|${plain}`],
  ['functions/describe-api/dependencies\\.ts', 'docs/openapi\\.json|shared/.*'],
  [
    '(functions/describe-api/openapi)/.*',
    '$1/.*|functions/[\\w-]+/api\\.ts|node:.*|prettier|@valibot/to-json-schema|' + `${pure}|${plain}`,
  ],
  ['(functions/[\\w-]+)/dependencies\\.ts', '$1/.*|shared/.*|node:.*|@aws-lambda-powertools/.*'],
  ['(functions/[\\w-]+)/.*', `$1/.*|shared/edge/.*|${pure}|${plain}`],
  ['infra/tenant\\.ts', '(infra|shared/(tenancy|aws))/.*|shared/contract\\.ts|(?!shared|functions).*'],
  ['infra/.*', 'infra/.*|shared/contract\\.ts|(?!shared|functions).*'],
];

test.each(sources)('%s imports only what its place may', (file) => {
  const [place, may] = rules.find(([each]) => new RegExp(`^${each}$`).test(file)) ?? ['', 'nothing'];
  const [, found = ''] = new RegExp(`^${place}$`).exec(file) ?? [];
  const allowed = new RegExp(`^(${may.replaceAll('$1', found)})$`);

  expect(importsOf(file).filter((name) => !allowed.test(name))).toEqual([]);
});

const rulesAndUseCases = sources.filter((file) => new RegExp(`^${plain}$`).test(file));

test.each(rulesAndUseCases)('%s asks neither the clock nor the environment nor chance', (file) => {
  expect(codeOf(file)).not.toMatch(/Date\.now|new Date\(\)|performance\.|process\.|Math\.random|setTimeout|console\./);
});

test.each(sources.filter((file) => file.endsWith('/handler.ts')))('%s has no branches: a door only opens', (file) => {
  expect(codeOf(file)).not.toMatch(/\b(if|switch|for|while|try)\b/);
});

test.each(sources)('%s is not a drawer for what has no place', (file) => {
  expect(file).not.toMatch(/(^|\/)(utils?|common|helpers?|types|index|misc)(\/|\.ts$)/);
});

test('no file knows the machine that it was written on', () => {
  const places = [root, ['', 'work', ''].join('/'), ['', 'home', ''].join('/'), ['', 'Users', ''].join('/')];
  const texts = files.filter((file) => !/^LICENSE$|\.(png|gz|zip)$/.test(file));

  expect(texts.filter((file) => places.some((place) => textOf(file).includes(place)))).toEqual([]);
});

function importsOf(file: string) {
  const names = [...textOf(file).matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'|import\('([^']+)'\)/gm)];
  return names
    .map(([, one, other]) => one ?? other ?? '')
    .map((name) => (name.startsWith('.') ? posix.join(file, '..', name) : name));
}

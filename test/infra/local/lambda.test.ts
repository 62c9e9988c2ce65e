/** The environment in which a function runs, and how long it lives. */
import { setTimeout as wait } from 'node:timers/promises';
import { matches } from '../../../infra/local/lambda.ts';
import { anApi, answering, cleanUp, run } from './example-app.ts';
import { until } from './example-queue.ts';
import { send } from './http-client.ts';

afterAll(cleanUp);

const text = (expression: string) => answering(`{ statusCode: 200, body: JSON.stringify(${expression}) }`);

async function aFunction(code: string, properties: Record<string, unknown> = {}, options: object = {}) {
  const lines: string[] = [];
  const app = anApi({ routes: { 'ANY /f': 'f' }, functions: { f: code }, settings: { f: properties } });
  const runtime = await run(app, { log: (line) => void lines.push(line), ...options });
  return { ...runtime, lines, call: () => send(runtime.url, '/f') };
}

const counting = `
let calls = 0;
export const handler = async () => {
  calls += 1;
  await new Promise((resolve) => setTimeout(resolve, 300));
  return { statusCode: 200, body: String(calls) };
};`;

test('a function finds its own variables, a region, credentials and endpoints, and nothing of this process', async () => {
  const { call, endpoints } = await aFunction(text('process.env'), {
    Environment: { Variables: { TABLE: 'entries' } },
  });

  const environment = JSON.parse((await call()).text) as Record<string, string>;

  expect(environment).toMatchObject({ AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb, TABLE: 'entries' });
  expect(environment.AWS_LAMBDA_FUNCTION_NAME).toBe('Service-f');
  expect(Object.keys(environment).filter((name) => !name.startsWith('AWS_'))).toEqual(['TABLE']);
});

test('a handler is told of its invocation as on AWS', async () => {
  const { call } = await aFunction(
    text(`({ ...context, left: context.getRemainingTimeInMillis(), parameters: handler.length })`),
    { MemorySize: 256, Timeout: 7 },
  );

  const context = JSON.parse((await call()).text) as Record<string, unknown>;

  expect(context).toMatchObject({
    awsRequestId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
    functionName: 'Service-f',
    functionVersion: '$LATEST',
    invokedFunctionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:Service-f$/) as string,
    memoryLimitInMB: '256',
  });
  expect(context.left).toBeGreaterThan(0);
  expect(context.left).toBeLessThanOrEqual(7_000);
});

test('a worker takes one invocation at a time and is used again', async () => {
  const { call } = await aFunction(counting);

  const together = await Promise.all([call(), call(), call()]);

  expect(together.map((answer) => answer.text)).toEqual(['1', '1', '1']);
  expect((await call()).text).toBe('2');
});

test('of a burst, what is more than a machine bears waits and is answered', async () => {
  const { call } = await aFunction(counting);

  const answers = await Promise.all(Array.from({ length: 60 }, call));

  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(answers.some(({ text }) => Number(text) > 1)).toBe(true);
});

test('a worker that nobody needs ends', async () => {
  const { call } = await aFunction(counting, {}, { idleMs: 50 });

  await call();
  await wait(300);

  expect((await call()).text).toBe('1');
});

test('a killed worker fails what it was doing, and the next request finds another', async () => {
  const { call, killWorkers, lines } = await aFunction(`
let calls = 0;
export const handler = async () => {
  calls += 1;
  if (calls === 2) {
    console.log('busy');
    await new Promise(() => {});
  }
  return { statusCode: 200, body: String(calls) };
};`);
  await call();

  const cut = call();
  await until(() => lines.includes('Service-f busy'));
  await killWorkers();

  expect((await cut).status).toBe(502);
  expect((await call()).text).toBe('1');
});

test('a function that needs more memory than it has fails alone', async () => {
  const hungry = `export const handler = async () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); };`;
  const { call } = await aFunction(hungry, { MemorySize: 128, Timeout: 20 });

  expect((await call()).status).toBe(502);
});

test('the moved clock reaches every way to ask for the time, and leaves timers alone', async () => {
  const times = `[Date.now(), new Date().getTime(), Date.parse(Date()), new Date(0).getTime(), new (new Date().constructor)().getTime()]`;
  const { call, advanceClock } = await aFunction(text(times));
  const hour = 3_600_000;

  const before = JSON.parse((await call()).text) as number[];
  advanceClock(hour);
  const after = JSON.parse((await call()).text) as number[];

  const moved = after.map((time, index) => Math.round((time - (before[index] ?? 0)) / hour));
  expect(moved).toEqual([1, 1, 1, 0, 1]);
});

test('a date of the moved clock is still a date', async () => {
  const { call, advanceClock } = await aFunction(
    text(
      `[new Date() instanceof Date, new Date(2026, 0, 1).getFullYear(), Date.UTC(1970, 0, 1), class extends Date {}.name]`,
    ),
  );
  advanceClock(1_000);

  expect(JSON.parse((await call()).text)).toEqual([true, 2026, 0, '']);
});

test('what a function prints and how it fails goes to the log, with its name', async () => {
  const { call, lines } = await aFunction(
    `console.log('loaded'); export const handler = () => { throw new Error('oh'); };`,
  );

  await call();

  await until(() => lines.includes('Service-f loaded') && lines.includes('Service-f Error: oh'));
});

test.each([
  ['does not load', `import 'no-such-package'; export const handler = () => {};`],
  ['has no handler', `export const other = () => {};`],
  ['has a handler with a callback', `export const handler = (event, context, callback) => callback(null, {});`],
])('a bundle that %s fails its invocations and says why in the log', async (_, code) => {
  const { call, lines } = await aFunction(code);

  expect((await call()).status).toBe(502);
  await until(() => /no-such-package|exports no function|callback/.test(lines.join('\n')));
});

test.each([
  ['arn:x:api/*/GET/v1', 'arn:x:api/live/GET/v1', true],
  ['arn:x:api/*', 'arn:x:api/live/GET/v1/entries', true],
  ['arn:x:api/*/GET/v1', 'arn:x:api/live/POST/v1', false],
  ['arn:x:api/*', 'arn:x:other/live', false],
  ['arn:x:a.i', 'arn:x:api', false],
])('the pattern %s and %s: %s', (pattern, arn, fits) => {
  expect(matches(pattern, arn)).toBe(fits);
});

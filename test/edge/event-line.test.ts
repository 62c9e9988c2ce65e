/** What the log says of an event: one line, whatever door it came through, and nothing of what was sent. */
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { authorizer } from '../../shared/edge/authorizer.ts';
import { errorIn } from '../../shared/edge/event-line.ts';
import { frontDoorShowing } from '../../shared/edge/front-door.ts';
import { http, json, readJson } from '../../shared/edge/http.ts';
import { scheduled } from '../../shared/edge/schedule.ts';
import { sqs } from '../../shared/edge/sqs.ts';
import { decisionTook, postTook } from '../../shared/journal/measure.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { aCaller, aContext, anApiEvent } from '../support/requests.ts';

const frontDoor = frontDoorShowing(); // none
const secret = 'correct-horse-battery';

/** Each time it is asked, seven milliseconds have gone by. */
function aLog() {
  const lines: string[] = [];
  let at = noon - 7;
  return {
    lines: { now: () => (at += 7), write: (line: string) => void lines.push(line) },
    told: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    text: () => lines.join('\n'),
  };
}

const failing = async () => Promise.reject(new Error('the table is away'));

describe('a request', () => {
  const route = 'POST /v1/decisions';
  const event = anApiEvent({
    route,
    caller: aCaller('operator', { tenant: globex }),
    headers: { Authorization: `Bearer ${secret}` },
    body: `{"password": "${secret}"`,
  });
  const answered = async (door: () => Promise<ReturnType<typeof json>>) => {
    const log = aLog();
    await http(() => ({}), { [route]: door }, { ...log.lines, timed: decisionTook })(event, aContext());
    return log;
  };

  test('is told with who asked what, how it went and how long it took', async () => {
    const { told } = await answered(async () => Promise.resolve(json(200, {})));

    expect(told()).toEqual([
      {
        message: 'request',
        timestamp: new Date(noon + 7).toISOString(),
        service: 'postern',
        level: 'INFO',
        requestId: 'request-1',
        clientAddress: '203.0.113.9',
        tenant: 'globex',
        role: 'operator',
        credentialId: 'credential-1',
        route,
        start: 'cold',
        bytes: 36,
        status: 200,
        answeredBytes: 2,
        ms: 14,
        DecisionTookCold: 14,
        _aws: expect.anything() as unknown,
      },
    ]);
  });

  test('that is refused is told with its code, and without the message, which may quote it', async () => {
    const { told, text } = await answered(async () => {
      await Promise.resolve();
      return json(200, readJson({ body: Buffer.from(`{"password": ${secret}`) } as Parameters<typeof readJson>[0]));
    });

    expect(told()).toMatchObject([{ level: 'INFO', tenant: 'globex', status: 400, code: 'json-invalid' }]);
    expect(text()).not.toContain(secret.slice(0, 7));
  });

  test('that fails is told with what nobody foresaw', async () => {
    const { told } = await answered(failing);

    expect(told()).toMatchObject([
      {
        level: 'ERROR',
        status: 503,
        code: 'internal-error',
        RequestsFailed: 1,
        error: { message: 'the table is away' },
      },
    ]);
  });

  test('that a limit of its tenant refuses is no failure of ours', async () => {
    const { told } = await answered(async () => Promise.reject(new ServiceError('tenant-limit', 'It is reached.')));

    expect(told()).toMatchObject([{ level: 'INFO', status: 503, code: 'tenant-limit', RequestsLimited: 1 }]);
    expect(told()[0]).not.toHaveProperty('RequestsFailed');
  });

  test('that comes to a running function is another number than the first', async () => {
    const log = aLog();
    const handler = http(() => ({}), { [route]: async () => Promise.resolve(json(200, {})) }, { ...log.lines, timed: decisionTook }); // prettier-ignore

    await handler(event, aContext());
    await handler(event, aContext());

    expect(log.told()).toMatchObject([{ DecisionTookCold: 14 }, { start: 'warm', DecisionTook: 14 }]);
    expect(log.told()[1]).not.toHaveProperty('DecisionTookCold');
  });
});

test('a post is timed from when API Gateway had it, and only if it was stored', () => {
  const took = { ms: 40, sinceArrivalMs: 90, start: 'cold' } as const;

  expect(postTook({ ...took, status: 200 })).toEqual({ PostDurableAfter: 90 });
  expect(postTook({ ...took, status: 503 })).toEqual({});
});

describe('an authorization', () => {
  const event = {
    methodArn: 'arn:aws:execute-api:eu-central-1:000000000000:api/live/GET/v1/entries',
    headers: { Authorization: `Bearer ${secret}` },
    requestContext: { requestId: 'request-2', identity: { sourceIp: '203.0.113.9' } },
  } as unknown as APIGatewayRequestAuthorizerEvent;

  test('is told with whom it found', async () => {
    const { lines, told, text } = aLog();

    await authorizer(
      () => ({ frontDoor }),
      async () => Promise.resolve(aCaller('operator')),
      lines,
    )(event);

    expect(told()).toMatchObject([
      {
        message: 'authorization',
        requestId: 'request-2',
        clientAddress: '203.0.113.9',
        tenant: 'acme',
        credentialId: 'credential-1',
        outcome: 'allowed',
      },
    ]);
    expect(text()).not.toContain(secret);
  });

  test('that finds nobody is no failure, and one that cannot look is', async () => {
    const { lines, told, text } = aLog();

    await expect(authorizer(() => ({ frontDoor }), async () => Promise.resolve('unauthorized'), lines)(event)).rejects.toThrow('Unauthorized'); // prettier-ignore
    await expect(authorizer(() => ({ frontDoor }), failing, lines)(event)).rejects.toThrow('the table is away');

    expect(told()).toMatchObject([
      { level: 'INFO', outcome: 'unauthorized', clientAddress: '203.0.113.9' },
      { level: 'ERROR', outcome: 'failed', AuthorizationsFailed: 1 },
    ]);
    expect(text()).not.toContain(secret);
  });
});

test('each message is told by itself, with its queue, its age and what became of it', async () => {
  const { lines, told, text } = aLog();
  const handler = sqs(() => ({}), {
    read: (body) =>
      JSON.parse(body) as { tenant: typeof acme; outcome: 'done' | 'later' | { againAfterSeconds: number } },
    handle: async (_, { outcome }) => Promise.resolve(outcome),
    ...lines,
  });
  const record = (body: string, index: number) => ({
    messageId: `message-${index}`,
    body,
    attributes: { ApproximateReceiveCount: '2', SentTimestamp: String(noon - 60_000) },
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:Questions',
  });

  const outcomes = ['"done"', '"later"', '{"againAfterSeconds": 5}'].map((outcome) => `{"tenant": "acme", "outcome": ${outcome}}`); // prettier-ignore
  await handler({ Records: [...outcomes, `{${secret}`].map(record) } as never, aContext());

  const common = { message: 'message', requestId: 'invocation-1', queue: 'Questions', received: 2 };
  expect(told().sort((one, other) => String(one.messageId).localeCompare(String(other.messageId)))).toMatchObject([
    { ...common, tenant: 'acme', outcome: 'done', level: 'INFO' },
    { ...common, tenant: 'acme', outcome: 'later' },
    { ...common, tenant: 'acme', outcome: 'again' },
    { ...common, outcome: 'dropped', level: 'ERROR', MessagesDropped: 1 },
  ]);
  expect(told()[0]?.ageMs).toBeGreaterThanOrEqual(60_000);
  expect(text()).not.toContain(secret.slice(0, 7));
});

test('a run of a schedule is told under the provider, one that failed with why', async () => {
  const { lines, told } = aLog();

  await scheduled(
    () => ({}),
    async () => Promise.resolve(),
    lines,
  )({}, aContext());
  await expect(scheduled(() => ({}), failing, lines)({}, aContext())).rejects.toThrow('the table is away');

  expect(told()).toMatchObject([
    { message: 'run', requestId: 'invocation-1', tenant: '_provider', level: 'INFO' },
    { message: 'run', level: 'ERROR', error: { name: 'Error', message: 'the table is away' } },
  ]);
});

test('an error is told with its causes and where it came from, and a parser’s without what it read', () => {
  const cause = new ServiceError('busy', 'There was no time left.');
  const parsing = () => JSON.parse(`{"password": ${secret}`) as unknown;

  expect(errorIn(new Error('could not be sent', { cause }))).toMatchObject({
    message: 'could not be sent',
    stack: expect.arrayContaining([expect.stringContaining('event-line.test.ts')]) as unknown,
    cause: { message: 'It is refused with the code busy.' },
  });
  expect(parsing).toThrow(SyntaxError);
  expect(JSON.stringify(thrownBy(parsing))).not.toContain(secret.slice(0, 7));
});

function thrownBy(act: () => unknown): object {
  try {
    act();
  } catch (error) {
    return errorIn(error);
  }
  return {};
}

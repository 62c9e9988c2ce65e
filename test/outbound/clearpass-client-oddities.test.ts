/** Servers that are no ClearPass, or one that has gone mad. */
import type { ServerResponse } from 'node:http';
import { askClearPass } from '../../shared/outbound/clearpass-client.ts';
import { type HeardRequest, oddHttpServer, type OddServer, oddTcpServer } from '../support/odd-server.ts';
import { aKnownToken, aQuestion, budgets, impatient, reach } from '../support/questions.ts';

let server: OddServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

type Answer = (heard: HeardRequest, response: ServerResponse) => void;

/** The outcome, once it is sure that no socket is left. */
async function askOdd(answer: Answer, findToken = aKnownToken, within = reach) {
  server = await oddHttpServer(answer);
  const asked = await askClearPass({ ...aQuestion(server), findToken }, within);
  await server.sockets.none();
  expect(server.sockets.most()).toBeLessThanOrEqual(1);
  return asked;
}

test.each([
  [200, 'nobody', undefined, undefined],
  [204, 'nobody', undefined, undefined],
  [404, 'nobody', undefined, undefined],
  [301, 'refused', 'redirected', 'never'],
  [307, 'refused', 'redirected', 'never'],
  [400, 'refused', 'question-refused', 'never'],
  [401, 'refused', 'token-refused', 'never'],
  [403, 'refused', 'not-permitted', 'never'],
  [406, 'refused', 'question-refused', 'never'],
  [415, 'refused', 'question-refused', 'never'],
  [422, 'refused', 'question-refused', 'never'],
  [429, 'refused', 'server-busy', 'later'],
  [500, 'unreachable', 'server-failed', 'later'],
  [503, 'unreachable', 'server-failed', 'later'],
  [599, 'unreachable', 'server-failed', 'later'],
])('the status %i, with no body, is %s %s', async (status, outcome, reason, retry) => {
  const location = { location: 'http://169.254.169.254/latest/meta-data' };

  const asked = await askOdd((_heard, response) => response.writeHead(status, location).end());

  expect(asked).toMatchObject({ outcome, ...(reason !== undefined && { reason, retry }) });
});

test.each([
  [307, 'redirected'],
  [401, 'secret-refused'],
  [404, 'token-api-refused'],
  [429, 'server-busy'],
  [502, 'server-failed'],
])('the status %i to a token request is %s', async (status, reason) => {
  const asked = await askOdd((_heard, response) => response.writeHead(status).end(), aQuestion({ address: '', port: 1 }).findToken); // prettier-ignore

  expect(asked).toMatchObject({ reason });
});

test.each([
  ['no JSON', 'access_token=abc'],
  ['no token', '{"expires_in":3600}'],
  ['a token that would not fit into a header', '{"access_token":"a\\r\\nX-Other: 1"}'],
  ['null', 'null'],
])('a token answer of %s is unreadable', async (_case, body) => {
  const asked = await askOdd((_heard, response) => response.end(body), aQuestion({ address: '', port: 1 }).findToken);

  expect(asked).toMatchObject({ reason: 'token-unreadable', retry: 'never' });
});

test('asks with what ClearPass expects, and an address is encoded', async () => {
  const heard: HeardRequest[] = [];
  server = await oddHttpServer((request, response) => {
    heard.push(request);
    response.end(request.call.startsWith('POST') ? '{"access_token":"abc","expires_in":"60"}' : '{"user":"alice"}');
  });
  const settings = { queryApi: '/api/$IP$/who?ip=$IP$&x=$&', clientId: 'a&b' };

  await askClearPass({ ...aQuestion(server, settings), ip: '2001:db8::7' as never }, reach);

  expect(heard.map(({ call }) => call)).toEqual([
    'POST /api/oauth',
    'GET /api/2001%3Adb8%3A%3A7/who?ip=2001%3Adb8%3A%3A7&x=$&',
  ]);
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
    grant_type: 'client_credentials',
    client_id: 'a&b',
    client_secret: 'hunter2',
  });
  expect(heard[1]?.headers).toMatchObject({ authorization: 'Bearer abc', host: `127.0.0.1:${server.port}` });
  expect(server.accepted()).toBe(1);
});

test('where the server hangs up after the token, the question goes over a second socket, after the first', async () => {
  const asked = await askOdd(
    ({ call }, response) => {
      response.setHeader('connection', 'close');
      response.end(call.startsWith('POST') ? '{"access_token":"abc"}' : '{"user":"alice"}');
    },
    aQuestion({ address: '', port: 1 }).findToken,
  );

  expect(asked).toMatchObject({ outcome: 'answered' });
  expect(server?.accepted()).toBe(2);
});

test('more than a megabyte is not read to its end', async () => {
  let sent = 0;

  const asked = await askOdd((_heard, response) => {
    const more = () => {
      sent += 65_536;
      if (!response.destroyed && sent < 100_000_000) response.write(Buffer.alloc(65_536, 0x20), more);
    };
    more();
  });

  expect(asked).toMatchObject({ reason: 'answer-too-large', retry: 'never' });
  expect(sent).toBeLessThan(20_000_000);
});

test('a body that drips is not waited for', async () => {
  const asked = await askOdd(
    (_heard, response) => {
      drip((byte) => response.write(byte), () => response.destroyed); // prettier-ignore
    },
    aKnownToken,
    impatient,
  );

  expect(asked).toMatchObject({ reason: 'answer-timeout', retry: 'later' });
});

test('a head that drips is not waited for', async () => {
  server = await oddTcpServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX-Slow: ');
    drip((byte) => socket.write(byte), () => socket.destroyed); // prettier-ignore
  });

  const asked = await askClearPass({ ...aQuestion(server), findToken: aKnownToken }, impatient);

  expect(asked).toMatchObject({ reason: 'answer-timeout' });
  await server.sockets.none();
});

test.each([
  ['speaks no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'answer-unreadable'],
  ['says goodbye before it has said anything', '', 'connection-reset'],
])('a server that %s', async (_case, greeting, reason) => {
  server = await oddTcpServer((socket) => socket.end(greeting));

  const asked = await askClearPass({ ...aQuestion(server), findToken: aKnownToken }, reach);

  expect(asked).toMatchObject({ reason });
  await server.sockets.none();
});

test('a server that does not hang up when we do is hung up on', async () => {
  server = await oddHttpServer((_heard, response) => {
    response.socket?.on('end', () => undefined);
    response.end('{"user":"alice"}');
  });
  const soon = { ...reach, budgets: { ...budgets, close: 300 } };
  await askClearPass({ ...aQuestion(server), findToken: aKnownToken }, soon);

  await server.sockets.none();
});

test('no secret is in what is returned', async () => {
  const asked = await askOdd(
    ({ body }, response) => response.writeHead(400, body).end(body),
    aQuestion({ address: '', port: 1 }).findToken,
  );

  expect(JSON.stringify(asked)).not.toContain('hunter2');
});

function drip(write: (byte: string) => unknown, isOver: () => boolean) {
  const timer = setInterval(() => (isOver() ? clearInterval(timer) : write('H')), 20);
}

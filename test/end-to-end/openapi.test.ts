/** The description of the API, held to the running service: what it says is taken is taken, and what it says is answered is answered. */
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { described } from '../../functions/describe-api/openapi/described.ts';
import { isEnveloped } from '../../functions/describe-api/openapi/errors.ts';
import { roles, routes, type RouteKey } from '../../shared/contract.ts';
import { actingOnce } from '../../shared/idempotency/acting-once.ts';
import { apiDocument, codesOf, type DescribedOperation, operations } from '../support/api-document.ts';
import { sentConnectors } from '../support/connectors.ts';
import { faultsOf } from '../support/json-schema.ts';
import { type Answered, call, type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  const { operator, 'web-api': sender } = service.authorizations.acme;
  const posted = await call(service.url, 'POST /api/userfw/v1/post-entry', sender, post);
  const set = await call(service.url, 'PUT /v1/configuration', operator, JSON.stringify({ defaultPolicy: 'deny', threatResponse: { clients: [caller()], connectors: [sentConnectors.pulse] } })); // prettier-ignore
  for (const mac of [places.mac, '00:11:22:33:ca:ff'])
    await call(service.url, `POST /v1/endpoints/${mac ?? ''}/block`, operator);
  places.tenant = service.tenants.acme;
  places.receipt = String(posted.body.receipt);
  places.version = String(Number.parseInt(set.headers.get('etag')?.slice(1) ?? '', 10));
});
afterAll(async () => service.stop());

/** Whoever sends threat actions from here. */
const caller = () => ({
  name: 'policy-enforcer',
  address: service.callerAddress,
  template: 'Juniper Networks Policy Enforcer',
});

const post = ['192.0.2.50', '192.0.2.51'].map((ip) => `<userfw-entry><operation>logon</operation><IP>${ip}</IP><user>alice</user><role-list><role>staff</role></role-list></userfw-entry>`).join('').replace(/^.*$/, '<userfw-entries>$&</userfw-entries>'); // prettier-ignore

/** Where a path leads to in this service. */
const places: Record<string, string> = {
  ip: '192.0.2.50',
  tenant: '',
  user: 'alice',
  mac: '00:11:22:33:ca:fe',
  version: '1',
  credential: 'nobody',
};

function requestOf(route: RouteKey, query: Readonly<Record<string, string>> = {}) {
  const named = { ...places, id: route.includes('/connector/') ? sentConnectors.pulse.name : places.receipt };
  const path = route.replace(/\{(\w+)\}/g, (_, name: string) => (named as typeof places)[name] ?? 'nothing');
  const needed = Object.entries(described[route].query ?? {}).filter(([, parameter]) => parameter.needed);
  const told = Object.fromEntries(needed.map(([name]) => [name, places[name] ?? '']));
  const text = new URLSearchParams({ ...told, ...query }).toString();
  return `${path}${text && `?${text}`}` as `${string} /${string}`;
}

/** Whoever may: a tenant's own role where there is one. */
const permitted = (route: RouteKey) => {
  const may: readonly string[] = routes[route].roles;
  return may.includes('operator') ? 'operator' : (roles.find((role) => may.includes(role)) ?? 'operator');
};
const send = async (route: RouteKey, role = permitted(route), query = {}, headers = {}, body?: string) =>
  call(service.url, requestOf(route, query), service.authorizations.acme[role], body, headers);

/** What is wrong with an answer by the document. */
function faults({ responses }: DescribedOperation, { status, headers, body }: Answered): readonly string[] {
  const { content = {} } = responses[status] ?? {};
  if (responses[status] === undefined) return [`${status} is not described: ${JSON.stringify(body)}`];
  const { schema = {} } = content[headers.get('content-type') ?? ''] ?? {};
  const { $ref, ...own } = schema;
  return [
    ...faultsOf(own, body),
    ...($ref === undefined ? [] : faultsOf(apiDocument.components.schemas.Problem, body)),
  ];
}

/** What can be asked for as JSON. An export is lines of a file, which its own stories read. */
const reads = operations.filter(({ route, operation }) => route.startsWith('GET ') && operation.responses[200]?.content?.['application/json'] !== undefined); // prettier-ignore
const ours = operations.filter(({ route }) => route !== 'POST /api/userfw/v1/post-entry');
/** Pulse Policy Secure answers 422 where something can be read and is wrong. */
const statusOfWrong = (route: RouteKey) => (isEnveloped(route) ? 422 : 400);

test('every role reads the document, and whoever has it is spared it', async () => {
  for (const role of roles) {
    const { status, headers, body } = await send('GET /openapi.json', role);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'application/json' });
    expect(body).toEqual(apiDocument);
  }
  const { headers } = await send('GET /openapi.json');
  const again = await send('GET /openapi.json', 'operator', {}, { 'If-None-Match': headers.get('etag') });
  expect({ status: again.status, body: again.body }).toEqual({ status: 304, body: {} });
});

test.each(reads)(
  '$route answers something that its description allows, and nothing that it does not name',
  async ({ route, operation }) => {
    const answer = await send(route);

    expect(faults(operation, answer)).toEqual([]);
    expect(answer.status).toBe(200);
    const { schema } = described[route].answers[200] ?? {};
    expect(schema && v.safeParse(schema, answer.body).issues).toBeUndefined();
  },
);

test.each(ours)('$route refuses a parameter that nobody described', async ({ route, operation }) => {
  const answer = await send(route, permitted(route), { 'no-such-parameter': '1' });

  expect(answer).toMatchObject({ status: statusOfWrong(route), body: { code: 'parameter-unknown' } });
  expect(faults(operation, answer)).toEqual([]);
});

test.each(operations)('$route is refused to the roles that it does not name', async ({ route, operation }) => {
  const refused = roles.filter((role) => !operation['x-roles'].includes(role));

  for (const role of refused) {
    const answer = await send(route, role);
    expect({ role, status: answer.status, faults: faults(operation, answer) }).toEqual({
      role,
      status: 403,
      faults: [],
    });
  }
});

test.each(operations)('$route challenges whoever comes without credentials', async ({ route, operation }) => {
  const answer = await call(service.url, requestOf(route));

  expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  expect(answer.headers.get('www-authenticate')).toContain('Basic');
  expect(faults(operation, answer)).toEqual([]);
});

const withBodies = ours.filter(({ operation }) => operation.requestBody?.content['application/json'] !== undefined);
/** Of an environment of a connector only the path is public, so whatever it holds is taken. */
const takesAnything: RouteKey = 'PUT /api/v2/connector/env';

test.each(withBodies)(
  '$route refuses what is no JSON, and what is none of its own, as it says',
  async ({ route, operation }) => {
    for (const body of ['{', ...(route === takesAnything ? [] : ['{"no-such-member": 1}'])]) {
      const answer = await send(route, permitted(route), {}, {}, body);
      expect(answer.status).toBe(body === '{' ? 400 : statusOfWrong(route));
      expect(codesOf(operation, answer.status)).toContain(answer.body.code);
      expect(faults(operation, answer)).toEqual([]);
    }
  },
);

test(`${takesAnything} takes whatever it is given, and names what nothing is done with`, async () => {
  const answer = await send(takesAnything, 'threat-sender', {}, {}, '{"no-such-member": 1}');

  expect(answer).toMatchObject({ status: 200, body: { result: { warnings: [{ message: expect.stringMatching('^/no-such-member: ') as string }] } } }); // prettier-ignore
  expect(operations.filter(({ route }) => route === takesAnything).flatMap(({ operation }) => faults(operation, answer))).toEqual([]); // prettier-ignore
});

const goesOn = ({ operation }: (typeof operations)[number]) =>
  operation.parameters.some(({ name }) => name === 'cursor');
const lists = reads.filter(goesOn);

test.each(operations.filter(goesOn))(
  '$route refuses a cursor that is not one of ours',
  async ({ route, operation }) => {
    for (const cursor of ['nonsense', 'bnVsbA', Buffer.from('{"a":1}').toString('base64url'), '']) {
      const answer = await send(route, permitted(route), { cursor });
      expect(answer).toMatchObject({ status: 400, body: { code: 'cursor-invalid' } });
      expect(faults(operation, answer)).toEqual([]);
    }
  },
);

test.each(lists)('$route answers "next", null at the end', async ({ route }) => {
  expect((await send(route, permitted(route), { limit: '1000' })).body).toMatchObject({ next: null });
});

test.each(lists)(
  '$route is read whole by pages of one, each item once, and changes nothing of what it holds',
  async ({ route }) => {
    const whole = async () =>
      (await send(route, permitted(route), { limit: '1000' })).body.items as unknown[] | undefined;
    const byPagesOfOne = async () => {
      const read: unknown[] = [];
      let cursor: string | null = null;
      do {
        const page = { limit: '1', ...(cursor !== null && { cursor }) };
        const { status, body } = await send(route, permitted(route), page);
        expect(status).toBe(200);
        read.push(...((body.items as unknown[] | undefined) ?? []));
        cursor = body.next as string | null;
      } while (cursor !== null && read.length <= 1_000);
      return read;
    };
    // What is due each minute writes lines of its own: where that came between, it is read anew.
    let [before, read, after] = [await whole(), await byPagesOfOne(), await whole()];
    while (!isDeepStrictEqual(before, after)) [before, read, after] = [after, await byPagesOfOne(), await whole()];

    expect(read).toEqual(before ?? []);
  },
);

const ofTenants = lists.filter(({ route }) => permitted(route) === 'operator' && !route.endsWith('/why'));

test.each(ofTenants)('the cursor of one tenant in $route shows another nothing of it', async ({ route }) => {
  const { next } = (await send(route, 'operator', { limit: '1' })).body;
  if (typeof next !== 'string') return; // there was but one page
  const { operator } = service.authorizations.globex;
  const { status, body } = await call(service.url, requestOf(route, { cursor: next }), operator);

  expect([200, 400, 404]).toContain(status);
  expect(JSON.stringify(body.items ?? [])).not.toMatch(/192\.0\.2\.5[01]|alice/);
});

describe('an Idempotency-Key', () => {
  const acting = operations.filter(({ route }) => actingOnce.includes(route));

  test.each(acting)('that is none is refused by $route', async ({ route, operation }) => {
    const answer = await send(route, permitted(route), {}, { 'Idempotency-Key': 'two words' });

    expect(answer).toMatchObject({ status: 400, body: { code: 'idempotency-key-invalid' } });
    expect(faults(operation, answer)).toEqual([]);
  });

  test.each(acting)(
    'has $route answer a repeat as it answered first, and refuse another request',
    async ({ route, operation }) => {
      const headers = { 'Idempotency-Key': `key of ${route}`.replaceAll(' ', '-') };
      const first = await send(route, permitted(route), {}, headers, '{"no-such-member": 1}');
      const repeat = await send(route, permitted(route), {}, headers, '{"no-such-member": 1}');
      const other = await send(route, permitted(route), {}, headers, '{"no-such-member": 2}');

      expect(repeat.body).toEqual(first.body);
      expect([first, repeat].map(({ headers: told }) => told.get('idempotency-replayed'))).toEqual([null, 'true']);
      expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
      expect(faults(operation, other)).toEqual([]);
    },
  );

  test('saves the secret in use: a rotation whose answer was lost is answered again, and ends nothing', async () => {
    const { provider } = service.authorizations.acme;
    const path = `POST /v1/tenants/${service.tenants.globex}/credentials` as const;
    const issued = await call(service.url, path, provider, '{"role": "auditor"}', { 'Idempotency-Key': 'issue' });
    const again = await call(service.url, path, provider, '{"role": "auditor"}', { 'Idempotency-Key': 'issue' });
    const rotate = async () => call(service.url, `${path}/${String(issued.body.id)}/rotate`, provider, undefined, { 'Idempotency-Key': 'rotate' }); // prettier-ignore
    const [rotated, repeated] = [await rotate(), await rotate()];
    const health = async (token: unknown) =>
      (await call(service.url, 'GET /v1/health', `Bearer ${String(token)}`)).status;

    expect(again.body).toEqual(issued.body);
    expect(repeated.body).toEqual(rotated.body);
    expect([await health(issued.body.token), await health(rotated.body.token)]).toEqual([200, 200]);
  });

  test('a delete whose answer was lost ends nobody who logged on between', async () => {
    const { operator, 'web-api': sender } = service.authorizations.acme;
    const remove = async () => call(service.url, 'DELETE /v1/entries/192.0.2.51', operator, undefined, { 'Idempotency-Key': 'delete' }); // prettier-ignore
    const first = await remove();
    await call(service.url, 'POST /api/userfw/v1/post-entry', sender, post.replaceAll('alice', 'bob'));
    const repeat = await remove();

    expect([first, repeat].map(({ status, body }) => ({ status, body }))).toEqual(Array(2).fill({ status: 200, body: { deleted: 1, complete: true } })); // prettier-ignore
    expect((await call(service.url, 'GET /v1/entries/192.0.2.51', operator)).body.entry).toMatchObject({ user: 'bob' });
  });
});

import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { authorizer } from '../../shared/edge/authorizer.ts';
import { type FrontDoor, frontDoorShowing } from '../../shared/edge/front-door.ts';
import { authorize } from '../../shared/tenancy/authorize.ts';
import { draw } from '../../shared/tenancy/manage-credentials.ts';
import { fakeJournal } from '../support/fake-journal.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { aCaller, anApiEvent } from '../support/requests.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
let journal: ReturnType<typeof fakeJournal>;
let frontDoor: FrontDoor;
beforeEach(() => {
  tenancy = fakeTenancy();
  journal = fakeJournal();
  frontDoor = frontDoorShowing();
});

const stage = 'arn:aws:execute-api:eu-central-1:000000000000:api/live';

function anEvent(headers: Record<string, string>, multiValueHeaders: Record<string, string[]> = {}) {
  const { requestContext, ...event } = anApiEvent({ route: 'GET /v1/entries', caller: aCaller('operator'), headers });
  return {
    ...event,
    type: 'REQUEST',
    methodArn: `${stage}/GET/v1/entries`,
    multiValueHeaders,
    requestContext: { ...requestContext, authorizer: undefined },
  } as APIGatewayRequestAuthorizerEvent;
}

const ask = async (event: APIGatewayRequestAuthorizerEvent) =>
  authorizer(() => ({ logins: tenancy.logins, ...journal, now: () => noon, frontDoor }), authorize)(event);

async function aToken(tenant = acme) {
  const { credential, secret } = draw(tenant, { role: 'operator', name: 'soc' }, noon);
  await tenancy.credentials.add(credential);
  return { id: credential.id, secret };
}

test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
  'finds the header when it is sent as %s',
  async (name) => {
    const { id, secret } = await aToken();

    expect(await ask(anEvent({ [name]: `Bearer ${secret}` }))).toEqual({
      principalId: `acme/${id}`,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${stage}/*` }],
      },
      context: { tenant: 'acme', role: 'operator', credentialId: id, credentialName: 'soc', orderByArrival: 'false' },
    });
  },
);

test('the policy covers the whole stage, whatever was asked for: API Gateway hands it to other calls too', async () => {
  const { secret } = await aToken();
  const one = anEvent({ Authorization: `Bearer ${secret}` });

  const other = { ...one, methodArn: `${stage}/PUT/v1/configuration`, path: '/v1/configuration', httpMethod: 'PUT' };

  expect(await ask(other)).toEqual(await ask(one));
});

test('whatever is not known is refused in the one word that API Gateway answers with 401', async () => {
  await aToken();

  for (const headers of [
    {},
    { Authorization: 'Bearer wrong' },
    { Authorization: 'Basic !!!' },
    { 'X-Tenant': 'acme' },
  ]) {
    await expect(ask(anEvent(headers))).rejects.toThrow(/^Unauthorized$/);
  }
});

test('two headers are refused, even two good ones: only one of them would be the key of the cached answer', async () => {
  const [ours, theirs] = [await aToken(acme), await aToken(globex)];
  const headers = { Authorization: `Bearer ${ours.secret}` };
  const both = { Authorization: [`Bearer ${theirs.secret}`, `Bearer ${ours.secret}`] };

  await expect(ask(anEvent(headers, both))).rejects.toThrow(/^Unauthorized$/);
  expect(await ask(anEvent(headers, { Authorization: [headers.Authorization] }))).toMatchObject({
    context: { tenant: acme },
  });
});

test('a store that fails is not taken for a wrong password', async () => {
  const logins = { find: async () => Promise.reject(new Error('ProvisionedThroughputExceededException')) };
  const asking = authorizer(() => ({ logins, ...fakeJournal(), now: () => noon, frontDoor }), authorize);

  await expect(asking(anEvent({ Authorization: 'Bearer abc' }))).rejects.toThrow('ProvisionedThroughputExceeded');
});

describe('behind a front door', () => {
  const [secret, former] = ['n'.repeat(64), 'f'.repeat(64)];
  beforeEach(() => {
    frontDoor = frontDoorShowing(secret, former);
  });

  const by = (authorization: string, origin: string, client = '192.0.2.77') =>
    anEvent({ Authorization: authorization, 'x-postern-origin': origin, 'X-Postern-Client': client });

  test.each([secret, former])('functions are told where the address stands, not which it is: %s', async (shown) => {
    const token = await aToken();

    const one = await ask(by(`Bearer ${token.secret}`, shown));

    expect(one).toMatchObject({ context: { tenant: 'acme', clientAddressIn: 'x-postern-client' } });
    expect(await ask(by(`Bearer ${token.secret}`, shown, '192.0.2.78'))).toEqual(one);
  });

  test('a receipt of a wrong password tells the address that the front door wrote', async () => {
    const { credential } = draw(globex, { role: 'web-api', name: 'publisher' }, noon);
    await tenancy.credentials.add(credential);
    const wrong = `Basic ${Buffer.from(`${credential.user ?? ''}:wrong`).toString('base64')}`;

    await expect(ask(by(wrong, secret))).rejects.toThrow(/^Unauthorized$/);

    expect(journal.receipts.all(globex)).toMatchObject([{ clientAddress: '192.0.2.77' }]);
    expect(journal.receipts.all(acme)).toEqual([]);
  });

  test.each([
    ['none', {}],
    ['another', { 'x-postern-origin': ['x'.repeat(64)] }],
    ['an empty one', { 'x-postern-origin': [''] }],
    ['two', { 'x-postern-origin': [secret, secret] }],
    ['one that is cut', { 'x-postern-origin': [secret.slice(1)] }],
    ['one that holds the good one', { 'x-postern-origin': [`${secret}, ${former}`] }],
  ])('who shows %s is refused before anything is looked up, with the right credentials', async (_, headers) => {
    const token = await aToken();
    const authorization = `Bearer ${token.secret}`;
    tenancy = { ...tenancy, logins: { find: async () => Promise.reject(new Error('looked up')) } };

    await expect(ask(anEvent({}, { Authorization: [authorization], ...headers }))).rejects.toThrow(/^Unauthorized$/);
  });

  test.each(['', 'short', '{{resolve:secretsmanager:arn:aws:secretsmanager:secret:SecretString:::}}'])(
    'a deployment whose secret is "%s" lets nobody in',
    (text) => {
      expect(() => frontDoorShowing(text)).toThrow('Deploy again');
    },
  );
});

test('without a front door its headers are what callers say, and mean nothing', async () => {
  const { secret } = await aToken();
  const sent = { Authorization: `Bearer ${secret}`, 'x-postern-origin': 'anything', 'x-postern-client': '192.0.2.77' };

  expect(await ask(anEvent(sent))).toEqual(await ask(anEvent({ Authorization: `Bearer ${secret}` })));
});

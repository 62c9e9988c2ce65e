import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { authorizer } from '../../shared/edge/authorizer.ts';
import { authorize } from '../../shared/tenancy/authorize.ts';
import { draw } from '../../shared/tenancy/manage-credentials.ts';
import { fakeJournal } from '../support/fake-journal.ts';
import { fakeTenancy } from '../support/fake-tenancy.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { aCaller, anApiEvent } from '../support/requests.ts';

let tenancy: ReturnType<typeof fakeTenancy>;
beforeEach(() => {
  tenancy = fakeTenancy();
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
  authorizer(() => ({ logins: tenancy.logins, ...fakeJournal(), now: () => noon }), authorize)(event);

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
  const asking = authorizer(() => ({ logins, ...fakeJournal(), now: () => noon }), authorize);

  await expect(asking(anEvent({ Authorization: 'Bearer abc' }))).rejects.toThrow('ProvisionedThroughputExceeded');
});

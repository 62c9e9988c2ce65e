/**
 * How API Gateway asks who is calling. It keeps the answer for every call with the same `Authorization`, so nothing in
 * it may depend on path, method or address: the policy always covers the whole stage, and roles are held at each door.
 */
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import type { Caller } from '../contract.ts';
import { asOneLine, type Lines } from './event-line.ts';

export interface AuthorizerCall {
  /** Every `Authorization` header that was sent. */
  readonly authorization: readonly string[];
  readonly clientAddress: string;
  readonly requestId: string;
}

/** Any failure but "unauthorized" is thrown as it is: API Gateway answers it with 503, and nothing is cached. */
export function authorizer<Dependencies>(
  wire: () => Dependencies,
  authorize: (dependencies: Dependencies, call: AuthorizerCall) => Promise<Caller | 'unauthorized'>,
  { now, write }: Lines = { now: Date.now },
) {
  let wired: Dependencies | undefined;
  const authorizeBy = async (call: AuthorizerCall) => authorize((wired ??= wire()), call);

  return async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const call = callOf(event);
    const known = { requestId: call.requestId, outcome: 'failed' };
    const caller = await asOneLine('authorization', known, { now, ...(write && { write }) }, async (line) => {
      const found = await authorizeBy(call).catch((error: unknown) => {
        line.measure({ AuthorizationsFailed: 1 });
        throw error;
      });
      line.know(knownOf(found));
      return found;
    });
    if (caller === 'unauthorized') throw new Error('Unauthorized'); // the one text that API Gateway answers with 401
    return allowed(caller, event.methodArn);
  };
}

const knownOf = (found: Caller | 'unauthorized') =>
  found === 'unauthorized'
    ? { outcome: found }
    : { outcome: 'allowed', tenant: found.tenant, credentialId: found.credentialId };

function callOf({ headers, multiValueHeaders, requestContext }: APIGatewayRequestAuthorizerEvent): AuthorizerCall {
  const all = Object.entries(multiValueHeaders ?? {}).flatMap(([name, values]) =>
    isMeant(name) ? (values ?? []) : [],
  );
  const single = Object.entries(headers ?? {}).flatMap(([name, value]) => (isMeant(name) ? (value ?? []) : []));
  return {
    authorization: all.length > 0 ? all : single,
    clientAddress: requestContext.identity.sourceIp,
    requestId: requestContext.requestId,
  };
}

const isMeant = (header: string) => header.toLowerCase() === 'authorization';

function allowed(caller: Caller, methodArn: string): APIGatewayAuthorizerResult {
  const [api, stage] = methodArn.split('/');
  return {
    principalId: `${caller.tenant}/${caller.credentialId}`,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${api ?? ''}/${stage ?? ''}/*` }],
    },
    context: { ...caller },
  };
}

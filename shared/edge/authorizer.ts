/**
 * How API Gateway asks who is calling. It keeps the answer for every call with the same `Authorization`, so nothing in
 * it may depend on path, method or address: the policy always covers the whole stage, and roles are held at each door. Of the
 * address it says where it stands, not which it is; the secret of the front door is part of what the answer is kept for.
 */
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { type Caller, frontDoorHeaders } from '../contract.ts';
import { asOneLine, type Lines } from './event-line.ts';
import { addressWrittenBy, clientAddressOf, type FrontDoor, sentAs } from './front-door.ts';

export interface AuthorizerCall {
  /** Every `Authorization` header that was sent. */
  readonly authorization: readonly string[];
  readonly clientAddress: string;
  readonly requestId: string;
}

/** Any failure but "unauthorized" is thrown as it is: API Gateway answers it with 503, and nothing is cached. */
export function authorizer<Dependencies extends { readonly frontDoor: FrontDoor }>(
  wire: () => Dependencies,
  authorize: (dependencies: Dependencies, call: AuthorizerCall) => Promise<Caller | 'unauthorized'>,
  { now, write }: Lines = { now: Date.now },
) {
  let wired: Dependencies | undefined;

  async function found(event: APIGatewayRequestAuthorizerEvent): Promise<Found> {
    wired ??= wire();
    const written = addressWrittenBy(wired.frontDoor, sentAs(event, frontDoorHeaders.origin));
    const call = callOf(event, written === 'around' ? undefined : written);
    const { clientAddress } = call;
    // Who comes around the front door is refused before anything is looked up, and learns nothing of what he sent.
    if (written === 'around') return { outcome: 'around-the-front-door', clientAddress };
    const caller = await authorize(wired, call);
    if (caller === 'unauthorized') return { outcome: 'unauthorized', clientAddress };
    return { outcome: 'allowed', clientAddress, caller: { ...caller, ...(written && { clientAddressIn: written }) } };
  }

  return async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const known = { requestId: event.requestContext.requestId, outcome: 'failed' };
    const { caller } = await asOneLine('authorization', known, { now, ...(write && { write }) }, async (line) => {
      const told = await found(event).catch((error: unknown) => {
        line.measure({ AuthorizationsFailed: 1 });
        throw error;
      });
      line.know(knownOf(told));
      return told;
    });
    if (!caller) throw new Error('Unauthorized'); // the one text that API Gateway answers with 401
    return allowed(caller, event.methodArn);
  };
}

interface Found {
  readonly outcome: 'allowed' | 'unauthorized' | 'around-the-front-door';
  readonly clientAddress: string;
  /** Where it is allowed. */
  readonly caller?: Caller;
}

const knownOf = ({ outcome, clientAddress, caller }: Found) => ({
  outcome,
  clientAddress,
  ...(caller && { tenant: caller.tenant, credentialId: caller.credentialId }),
});

const callOf = (event: APIGatewayRequestAuthorizerEvent, clientAddressIn: string | undefined): AuthorizerCall => ({
  authorization: sentAs(event, 'authorization'),
  clientAddress: clientAddressOf(event, clientAddressIn),
  requestId: event.requestContext.requestId,
});

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

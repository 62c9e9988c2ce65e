/** What waits in the queue of changes: an endpoint whose switches may have to be told something. */
import * as v from 'valibot';
import { type TenantId, tenantId } from '../tenancy/tenant.ts';
import { type Mac, macAddress } from './mac.ts';

/** It names the endpoint alone: what there is to tell is read when it is sent, so that only the newest is. */
export interface ChangeMessage {
  readonly tenant: TenantId;
  readonly mac: Mac;
}

const message = v.object({ tenant: v.string(), mac: v.string() });

/** A message as it was sent. Throws where it is none of ours. */
export function changeMessage(body: string): ChangeMessage {
  const { tenant, mac } = v.parse(message, JSON.parse(body));
  return { tenant: tenantId(tenant), mac: macAddress(mac) };
}

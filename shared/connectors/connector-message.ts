/** What lies in the queue of connectors, and of those that are a ClearPass in its query cell: what to do, not what is wanted, which is read when it is done. */
import * as v from 'valibot';
import { ipAddress, type IpAddress } from '../identity/address.ts';
import { type TenantId, tenantId } from '../tenancy/tenant.ts';

export type ConnectorMessage = { readonly tenant: TenantId } &
  /** Tell connectors what this host is to be. */
  (
    | { readonly work: 'tell'; readonly ip: IpAddress }
    /** See whether the connector answers, and whether what it has is what it was told. */
    | { readonly work: 'check'; readonly connector: string }
    /** Try what a draft says (`connectors/connector-test.ts`); its id. */
    | { readonly work: 'test'; readonly test: string }
    /** Ask a feed. */
    | { readonly work: 'poll'; readonly feed: 'atp-cloud' }
  );

const message = v.variant('work', [
  v.object({ tenant: v.string(), work: v.literal('tell'), ip: v.string() }),
  v.object({ tenant: v.string(), work: v.literal('check'), connector: v.string() }),
  v.object({ tenant: v.string(), work: v.literal('test'), test: v.string() }),
  v.object({ tenant: v.string(), work: v.literal('poll'), feed: v.literal('atp-cloud') }),
]);

/** A message as it was sent. Throws where it is none of ours. */
export function connectorMessage(body: string): ConnectorMessage {
  const read = v.parse(message, JSON.parse(body));
  const tenant = tenantId(read.tenant);
  return read.work === 'tell' ? { ...read, tenant, ip: ipAddress(read.ip) } : { ...read, tenant };
}

/** Questions as they lie in a query cell, and how cells are told apart. */
import * as v from 'valibot';
import { ipAddress } from '../identity/address.ts';
import { tenantId } from '../tenancy/tenant.ts';
import type { QueuedQuestion } from './ask-about.ts';
import { hops } from './hops.ts';

const message = v.object({
  tenant: v.string(),
  ip: v.string(),
  ask: v.optional(v.picklist(hops), 'clearpass'), // questions that were sent before JIMS was asked too
  heard: v.exactOptional(v.string()),
});

/** A message as it was sent. Throws where it is none of ours. */
export function queuedQuestion(body: string): QueuedQuestion {
  const { tenant, ip, ...rest } = v.parse(message, JSON.parse(body));
  return { tenant: tenantId(tenant), ip: ipAddress(ip), ...rest };
}

/** The queues of the cells in their order, from `QUERY_CELLS`. */
export const cellUrls = (text: string): readonly string[] => text.split(' ').filter((url) => url !== '');

/** The cell whose queue is called so. Throws where there is none. */
export function cellCalled(queue: string, urls: readonly string[]): number {
  const cell = urls.findIndex((url) => url.endsWith(`/${queue}`));
  if (cell < 0) throw new Error(`${queue} is the queue of no query cell.`);
  return cell;
}

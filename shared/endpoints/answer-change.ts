/** What a switch said to a change of authorization is told, and kept on its endpoint. */
import { ServiceError } from '../service-error.ts';
import type { Measure } from '../journal/measure.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import type { Change, Endpoint } from './endpoint.ts';
import { advanceEndpoint, type EndpointTable } from './endpoint-table.ts';
import type { ChangeAnswer } from './events.ts';
import type { Mac } from './mac.ts';
import { measuredAnswer } from './measure-changes.ts';

/** A change as others call it. It leads to its endpoint. */
export const changeName = (mac: Mac, { id }: Pick<Change, 'id'>) => `${mac.replaceAll(':', '')}-${id}`;

/** The change as it is now: a second answer to the same attempt changes nothing. Throws `change-absent`. */
export async function answerChange(
  table: EndpointTable & { readonly measure: Measure },
  tenant: TenantId,
  name: string,
  answer: ChangeAnswer,
): Promise<Change> {
  const [, digits = '', id = ''] = /^([\da-f]{12})-(.+)$/.exec(name) ?? [];
  const mac = (digits.match(/../g) ?? []).join(':') as Mac;
  const find = (endpoint: Endpoint | undefined) => endpoint?.changes.find((change) => change.id === id);
  if (mac === '') throw absent(name);
  const advanced = await advanceEndpoint(
    table,
    tenant,
    mac,
    (endpoint) => find(endpoint) && { kind: 'change-answered', changeId: id, answer },
  );
  const change = find(advanced?.endpoint);
  if (change === undefined) throw absent(name);
  table.measure(tenant, table.now(), measuredAnswer(change));
  return change;
}

const absent = (name: string) =>
  new ServiceError(
    'change-absent',
    `There is no change of authorization "${name.slice(0, 128)}". Send the "id" that GET /v1/radius/changes handed over; one that is over for long is forgotten.`,
  );

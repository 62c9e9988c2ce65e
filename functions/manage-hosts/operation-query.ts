/** Which operations are wanted, as a query string says it. Whatever cannot be read is refused; nothing is ignored. */
import { operationKinds } from '../../shared/connectors/any-operation.ts';
import type { OperationFilter } from '../../shared/connectors/find-operations.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { operationStates } from '../../shared/infected-hosts/host.ts';
import { textIn } from '../../shared/journal/receipt-view.ts';
import { ServiceError } from '../../shared/service-error.ts';

export const operationNames = ['id', 'kind', 'state', 'connector', 'ip', 'mac'] as const;

/** Throws `parameter-invalid`, `mac-invalid`, `address-invalid`. */
export function operationFilter(asked: Partial<Record<(typeof operationNames)[number], string>>): OperationFilter {
  const { id, kind, state, connector, ip, mac } = asked;
  if (id !== undefined && ip === undefined && mac === undefined) {
    throw new ServiceError('parameter-invalid', '"id" is looked for at one address or device. Give "ip" or "mac" as well: what told you of the operation names it.'); // prettier-ignore
  }
  return {
    ...(id !== undefined && { id: textIn('id', id) }),
    ...(kind !== undefined && { kind: oneOf('kind', operationKinds, kind) }),
    ...(state !== undefined && { state: oneOf('state', operationStates, state) }),
    ...(connector !== undefined && { connector: textIn('connector', connector) }),
    ...(ip !== undefined && { ip: ipAddress(ip) }),
    ...(mac !== undefined && { mac: macAddress(mac) }),
  };
}

function oneOf<Word extends string>(name: string, words: readonly Word[], text: string): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new ServiceError('parameter-invalid', `"${name}" is one of: ${words.join(', ')}.`);
}

/** What the event log says once an operation is over: that it was asked for has been said before. */
import { actionOf } from '../infected-hosts/host-lines.ts';
import type { InfectedHost, Operation } from '../infected-hosts/host.ts';
import { bareLine, type EventLine, type EventState } from '../journal/event-line.ts';
import { mendOf } from './any-operation.ts';

/** `undefined`: it is not over, or it was refused as the one before it was. */
export function operationLine(host: InfectedHost, id: string, at: number): EventLine | undefined {
  const operation = host.operations.find((each) => each.id === id);
  if (operation === undefined) return undefined;
  const state = states[operation.state];
  if (state === undefined || isRefusedAgain(host, operation)) return undefined;
  const { connector, wanted, device, detail } = operation;
  const mend = mendOf(operation);
  return {
    ...bareLine,
    id: `${id}-${operation.state}`,
    at,
    state,
    code: `operation-${operation.state}`,
    message: `${connector}, asked to have ${host.ip} ${wanted}: ${words[operation.state] ?? ''} ${detail ?? ''}${mend === null ? '' : ` ${mend}`}`, // prettier-ignore
    event: 'infected-host-operation',
    sender: { kind: 'postern', name: connector },
    eventId: operation.cause,
    mac: device.mac,
    ip: host.ip,
    action: actionOf[wanted],
    changes: [id],
  };
}

const states: Partial<Readonly<Record<Operation['state'], EventState>>> = {
  acknowledged: 'noted',
  refused: 'refused',
  abandoned: 'noted',
};

const words: Partial<Readonly<Record<Operation['state'], string>>> = {
  acknowledged: 'it has.',
  refused: 'it refuses.',
  abandoned: 'it was not told.',
};

/** A check asks again every ten minutes: that is said once. */
function isRefusedAgain({ operations }: InfectedHost, { id, connector, device, wanted, state }: Operation): boolean {
  const older = operations.slice(operations.findIndex((each) => each.id === id) + 1);
  const before = older.find((each) => each.connector === connector && each.device.at === device.at);
  return state === 'refused' && before?.state === 'refused' && before.wanted === wanted;
}

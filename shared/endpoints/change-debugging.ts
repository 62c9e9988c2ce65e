/** What is told to switches and what they said, for the debug log. Their secrets are not in it. */
import type { DebugTold } from '../journal/debug.ts';
import type { Change } from './endpoint.ts';
import type { ChangeAnswer } from './events.ts';
import type { TakenChange } from './take-change.ts';

export const handedOver = ({ mac, change, client, server, request }: TakenChange): DebugTold => ({
  part: 'changes',
  message: `The change of authorization ${change.id} goes to the switch "${client.name}" at ${server.address}:${server.port}, as its make ${client.make} wants it.`,
  mac,
  details: { wanted: change.wanted, attempts: change.attempts, request },
});

export const answeredBySwitch = (change: Pick<Change, 'id' | 'session'>, { result, ...answer }: ChangeAnswer): DebugTold => ({ part: 'changes', message: `The switch answered the change of authorization ${change.id}: ${result}.`, details: { session: change.session, ...answer } }); // prettier-ignore

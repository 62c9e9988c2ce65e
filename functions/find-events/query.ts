/** Which lines and hosts are wanted, as a query string says it. Whatever cannot be read is refused; nothing is ignored. */
import { investigations } from '../../shared/endpoints/endpoint.ts';
import { macAddress } from '../../shared/endpoints/mac.ts';
import { ipAddress } from '../../shared/identity/address.ts';
import { hostEnforcements as reportedEnforcements } from '../../shared/infected-hosts/host-view.ts';
import { feedNames } from '../../shared/infected-hosts/host.ts';
import { hostStatuses, type HostFilter } from '../../shared/infected-hosts/report.ts';
import { accessResults, type AccessFilter } from '../../shared/journal/access-line.ts';
import { type DebugFilter, debugParts } from '../../shared/journal/debug.ts';
import { type EventFilter, eventStates } from '../../shared/journal/event-line.ts';
import { spanFrom, textIn } from '../../shared/journal/receipt-view.ts';
import { ServiceError } from '../../shared/service-error.ts';

/** What a report takes beside its filters. */
export const pageNames = ['limit', 'cursor', 'format'] as const;

export const eventNames = ['from', 'to', 'mac', 'ip', 'user', 'state', 'event', 'sender'] as const;
export const accessNames = ['from', 'to', 'mac', 'ip', 'user', 'realm', 'result'] as const;
export const hostNames = ['status', 'user', 'ip', 'mac', 'sender', 'severity', 'enforcement', 'investigation', 'connector', 'feed'] as const; // prettier-ignore
export const debugNames = ['from', 'to', 'part', 'mac', 'ip'] as const;

type Asked<Name extends string> = Partial<Record<Name, string>>;

/** Each throws `parameter-invalid`, `mac-invalid`, `address-invalid`. */
export const eventFilter = ({ state, event, sender, ...asked }: Asked<(typeof eventNames)[number]>): EventFilter => ({
  ...common(asked),
  ...(state !== undefined && { state: oneOf('state', eventStates, state) }),
  ...(event !== undefined && { event: textIn('event', event) }),
  ...(sender !== undefined && { sender: textIn('sender', sender) }),
});

export const accessFilter = ({ realm, result, ...asked }: Asked<(typeof accessNames)[number]>): AccessFilter => ({
  ...common(asked),
  ...(realm !== undefined && { realm: textIn('realm', realm) }),
  ...(result !== undefined && { result: oneOf('result', accessResults, result) }),
});

export const debugFilter = ({ part, ...asked }: Asked<(typeof debugNames)[number]>): DebugFilter => ({
  ...common(asked),
  ...(part !== undefined && { part: oneOf('part', debugParts, part) }),
});

export function hostFilter(asked: Asked<(typeof hostNames)[number]>): HostFilter {
  const { status, sender, severity, enforcement, investigation, connector, feed, ...named } = asked;
  return {
    ...common(named),
    ...(status !== undefined && { status: oneOf('status', hostStatuses, status) }),
    ...(sender !== undefined && { sender: textIn('sender', sender) }),
    ...(severity !== undefined && { severity: textIn('severity', severity) }),
    ...(enforcement !== undefined && { enforcement: oneOf('enforcement', reportedEnforcements, enforcement) }),
    ...(investigation !== undefined && { investigation: oneOf('investigation', investigations, investigation) }),
    ...(connector !== undefined && { connector: textIn('connector', connector) }),
    ...(feed !== undefined && { feed: oneOf('feed', feedNames, feed) }),
  };
}

/** What all of them may be asked for by. */
function common({ from, to, mac, ip, user }: Asked<'from' | 'to' | 'mac' | 'ip' | 'user'>) {
  return {
    ...spanFrom({ from, to }),
    ...(mac !== undefined && { mac: macAddress(mac) }),
    ...(ip !== undefined && { ip: ipAddress(ip) }),
    ...(user !== undefined && { user: textIn('user', user) }),
  };
}

function oneOf<Word extends string>(name: string, words: readonly Word[], text: string): Word {
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  throw new ServiceError('parameter-invalid', `"${name}" is one of: ${words.join(', ')}.`);
}

/** What a switch is told of a login that is let in. */
import type { ReturnAttributePolicy } from '../configuration/threat-response.ts';
import type { RestAttribute } from '../wire/radius/rest.ts';
import { fits } from './access-request.ts';

/** The first policy that fits the place and one of the roles. */
export const returnPolicyFor = (
  policies: readonly ReturnAttributePolicy[],
  { locationGroup, roles }: { readonly locationGroup: string; readonly roles: readonly string[] },
): ReturnAttributePolicy | undefined =>
  policies.find((policy) => fits(policy.locationGroups, locationGroup) && policy.roles.some((role) => roles.includes(role))); // prettier-ignore

type Returned = ReturnAttributePolicy['return'];

/** RFC 3580 of a VLAN, by its number or name; the name of a filter that the switch has; of an open port nothing. */
export function attributesOf(returned: Returned): readonly RestAttribute[] {
  const reply = (name: string, value: string): RestAttribute => ({ list: 'reply', name, values: [value] });
  switch (returned.type) {
    case 'vlan':
      return [
        reply('Tunnel-Type', 'VLAN'),
        reply('Tunnel-Medium-Type', 'IEEE-802'),
        reply('Tunnel-Private-Group-Id', returned.vlan),
      ];
    case 'filter':
      return [reply('Filter-Id', returned.filter)];
    case 'open-port':
      return [];
  }
}

/** In one line, for the user access log. */
export function returnedInWords(returned: Returned): string {
  switch (returned.type) {
    case 'vlan':
      return `VLAN ${returned.vlan}`;
    case 'filter':
      return `filter ${returned.filter}`;
    case 'open-port':
      return 'open port';
  }
}

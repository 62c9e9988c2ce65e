/** What the site's RADIUS server asked and was answered, for the debug log. */
import type { Debug } from '../journal/debug.ts';
import type { TenantId } from '../tenancy/tenant.ts';
import { first, type RadiusAttributes } from '../wire/radius/rest.ts';
import type { Accounted } from './accounting.ts';
import type { Verdict } from './login.ts';

export interface Debugged {
  readonly debug: Debug;
}

export interface Asked {
  readonly tenant: TenantId;
  readonly requestId: string;
  readonly route: string;
}

/** Answers, and tells what was seen and why it was answered so. */
export async function debugged<Told extends Verdict | Accounted>(
  { debug }: Debugged,
  { tenant, requestId, route }: Asked,
  packet: RadiusAttributes,
  answer: (packet: RadiusAttributes) => Promise<Told>,
): Promise<Told> {
  const told = await answer(packet);
  await debug.say(tenant, () => ({
    part: 'radius',
    message: `${route.slice(route.lastIndexOf('/') + 1)} of ${first(packet, 'Calling-Station-Id') ?? 'a device without Calling-Station-Id'} at ${first(packet, 'NAS-IP-Address') ?? 'a switch without NAS-IP-Address'}: ${inWords(told)}`,
    user: first(packet, 'User-Name') ?? null,
    requestId,
    details: { answer: told, packet: Object.fromEntries(packet) },
  }));
  return told;
}

function inWords(told: Verdict | Accounted): string {
  if (told.result === 'rejected') return `rejected. ${told.rejection.message}`;
  if (told.result === 'passed-over') return `passed over. ${told.passed.message}`;
  if (told.result === 'undecided') return 'not ours to decide here.';
  return `${told.result}.`;
}

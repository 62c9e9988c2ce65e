/** Adaptive Network Control of Cisco ISE over its ERS API: a policy is applied to a device, and cleared. */

export const applyPath = '/ers/config/ancendpoint/apply';
export const clearPath = '/ers/config/ancendpoint/clear';
export const policyPath = (name: string) => `/ers/config/ancpolicy/name/${encodeURIComponent(name)}`;
/** A page is 20 unless told, and 100 at most. Whether this filter is known is nowhere published: who asks looks at what came. */
export const devicesPath = (mac: string) => `/ers/config/ancendpoint?size=100&filter=macAddress.EQ.${macAsIse(mac)}`;
export const devicePath = (id: string) => `/ers/config/ancendpoint/${encodeURIComponent(id)}`;

export const macAsIse = (mac: string) => mac.toUpperCase();

/** By its MAC: by an address ISE takes whichever session has it at this moment. */
export const operation = (mac: string, policy?: string) => ({
  OperationAdditionalData: {
    additionalData: [
      { name: 'macAddress', value: macAsIse(mac) },
      ...(policy === undefined ? [] : [{ name: 'policyName', value: policy }]),
    ],
  },
});

/** What ISE says of what it did not do, also with the status 500. */
export function titlesIn(answer: unknown): string {
  const { messages } = objectIn(objectIn(answer).ERSResponse);
  const titles = (Array.isArray(messages) ? (messages as readonly unknown[]) : []).map((each) => objectIn(each).title);
  return titles.filter((title) => typeof title === 'string').join(' ');
}

/** What a title means. ISE has no codes for them. */
export function meaningOf(title: string): 'so-already' | 'held-by-another' | 'no-such-policy' | 'no-session' | 'other' {
  if (/already associated with this policy|not associated with (a|any|this) policy/i.test(title)) return 'so-already';
  if (/already associated/i.test(title)) return 'held-by-another';
  if (/policy is not configured|policy.*(not found|does not exist)/i.test(title)) return 'no-such-policy';
  if (/session/i.test(title)) return 'no-session';
  return 'other';
}

/** Of the devices that have a policy. */
export function idsIn(answer: unknown): readonly string[] {
  const { resources } = objectIn(objectIn(answer).SearchResult);
  const ids = (Array.isArray(resources) ? (resources as readonly unknown[]) : []).map((each) => objectIn(each).id);
  return ids.filter((id) => typeof id === 'string');
}

/** Of all pages together; `undefined` where it does not say. */
export function totalIn(answer: unknown): number | undefined {
  const { total } = objectIn(objectIn(answer).SearchResult);
  return typeof total === 'number' ? total : undefined;
}

export function deviceIn(answer: unknown): { readonly mac: string; readonly policy: string } | undefined {
  const { macAddress: mac, policyName: policy } = objectIn(objectIn(answer).ErsAncEndpoint);
  return typeof mac === 'string' && typeof policy === 'string' ? { mac, policy } : undefined;
}

const objectIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

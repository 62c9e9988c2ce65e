/** The attribute of an endpoint by which ClearPass is told of infected hosts, and its REST API for endpoints. */

export const statuses = { free: 'healthy', quarantined: 'quarantine', blocked: 'blocked' } as const;
type State = keyof typeof statuses;

const name = 'sdsnEpStatus';

export const endpointsPath = '/api/endpoint';
export const endpointPath = (mac: string) => `${endpointsPath}/mac-address/${inDashes(mac)}`;

const inDashes = (mac: string) => mac.replaceAll(':', '-');

export const attributesFor = (state: State) => ({ attributes: { [name]: statuses[state] } });

/** One that nobody has classified. */
export const newEndpoint = (mac: string, state: State) => ({
  mac_address: inDashes(mac),
  status: 'Unknown',
  ...attributesFor(state),
});

/** What an endpoint says that it is; one that says nothing is free, and what says something else is not for us to name. */
export function stateIn(endpoint: unknown): State | 'unknown' {
  const { attributes } = objectIn(endpoint);
  const status = objectIn(attributes)[name] ?? statuses.free;
  const [state] = Object.entries(statuses).find(([, word]) => word === status) ?? [];
  return (state as State | undefined) ?? 'unknown';
}

/** What an error says (RFC 7807, as ClearPass writes it). */
export function problemIn(answer: unknown): string {
  const { title, detail } = objectIn(answer);
  return [title, detail].filter((text) => typeof text === 'string').join(': ');
}

const objectIn = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

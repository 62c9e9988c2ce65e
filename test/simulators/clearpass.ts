/** A ClearPass that answers who is at an address, and keeps what it is told of endpoints. */
import { type Asked, canonical, type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';
import type { Heard, Reply } from './server.ts';

export type { Door } from './simulator.ts';

type Attributes = Readonly<Record<string, string>>;

export type ClearPassQuestion = { readonly ip: string } | EndpointQuestion;

/** About endpoints by their MACs; `mac` is null of the list of all. */
interface EndpointQuestion {
  readonly method: string;
  readonly mac: string | null;
  readonly told?: { readonly attributes: Attributes };
}

export interface ClearPass extends Omit<Simulator<ClearPassQuestion>, 'questions'> {
  /** About addresses. */
  readonly questions: () => readonly Asked<{ readonly ip: string }>[];
  /** What was asked and told about endpoints, like `PATCH 00112233cafe`. */
  readonly endpointCalls: () => readonly string[];
  readonly setEndpoint: (ip: string, answer: unknown) => void;
  /** From now on it has this endpoint; by its MAC in any form. */
  readonly addEndpoint: (mac: string, attributes?: Attributes) => void;
  /** Undefined where it has no such endpoint. */
  readonly attributesOf: (mac: string) => Attributes | undefined;
}

export async function startClearPass(options: SimulatorOptions = {}): Promise<ClearPass> {
  const answers = new Map<string, string>();
  const endpoints = new Map<string, Attributes>();
  const setEndpoint = (ip: string, told: unknown) => void answers.set(canonical(ip), JSON.stringify(told));
  const addEndpoint = (mac: string, attributes: Attributes = {}) => void endpoints.set(digitsOf(mac), attributes);

  function answerAbout({ method, mac, told }: EndpointQuestion): Reply {
    if (mac === null) return { status: 200, body: { _embedded: { items: [...endpoints.keys()].map(shown) } } };
    const known = endpoints.get(mac);
    if (method === 'POST') {
      if (known !== undefined)
        return { status: 422, body: { title: 'Unprocessable Entity', detail: 'MAC already exists' } };
      addEndpoint(mac, told?.attributes);
      return { status: 201, body: shown(mac) };
    }
    if (known === undefined) return { status: 404, body: { title: 'Not Found', detail: `Endpoint ${mac} not found` } };
    if (method === 'PATCH') addEndpoint(mac, { ...known, ...told?.attributes });
    return { status: 200, body: shown(mac) };
  }

  const shown = (mac: string) => ({ id: 3_001, mac_address: mac, status: 'Unknown', attributes: endpoints.get(mac) });

  const simulator = await startSimulator<ClearPassQuestion>(
    {
      tokenPath: '/api/oauth',
      question: (heard) => questionAboutIp(heard) ?? questionAboutEndpoint(heard),
      answer: (question) => ('ip' in question ? answers.get(canonical(question.ip)) : answerAbout(question)),
      control(call, told) {
        const ip = /^PUT \/endpoints\/([^/]+)$/.exec(call)?.[1];
        if (call === 'GET /attributes') return { shown: Object.fromEntries(endpoints) };
        if (ip === undefined) return 'unknown';
        setEndpoint(decodeURIComponent(ip), told);
        return 'done';
      },
    },
    options,
  );
  return {
    ...simulator,
    setEndpoint,
    addEndpoint,
    attributesOf: (mac) => endpoints.get(digitsOf(mac)),
    questions: () => simulator.questions().filter((question) => 'ip' in question),
    endpointCalls: () =>
      simulator
        .questions()
        .flatMap((question) => ('ip' in question ? [] : [`${question.method} ${question.mac ?? ''}`.trim()])),
  };
}

function questionAboutIp({ method, url }: Heard) {
  const ip = /^\/api\/insight\/endpoint\/ip\/([^/]+)$/.exec(url.pathname)?.[1];
  return method === 'GET' && ip !== undefined ? { ip: decodeURIComponent(ip) } : undefined;
}

function questionAboutEndpoint({ method, url, body }: Heard): EndpointQuestion | undefined {
  const { pathname } = url;
  const mac = /^\/api\/endpoint\/mac-address\/([^/]+)$/.exec(pathname)?.[1];
  if (mac !== undefined && method === 'GET') return { method, mac: digitsOf(mac) };
  if (mac !== undefined && method === 'PATCH') return { method, mac: digitsOf(mac), told: toldIn(body) };
  if (pathname !== '/api/endpoint') return undefined;
  if (method === 'GET') return { method, mac: null };
  return method === 'POST' ? { method, mac: digitsOf(toldIn(body).mac_address), told: toldIn(body) } : undefined;
}

const toldIn = (body: string) => JSON.parse(body) as { readonly mac_address: string; readonly attributes: Attributes };

const digitsOf = (mac: string) => mac.replace(/[^\da-f]/gi, '').toLowerCase();

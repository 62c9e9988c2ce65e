/** A ClearPass that answers who is at an address. */
import { canonical, type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

export type { Door } from './simulator.ts';

export interface ClearPass extends Simulator<{ readonly ip: string }> {
  readonly setEndpoint: (ip: string, answer: unknown) => void;
}

export async function startClearPass(options: SimulatorOptions = {}): Promise<ClearPass> {
  const endpoints = new Map<string, string>();
  const setEndpoint = (ip: string, told: unknown) => void endpoints.set(canonical(ip), JSON.stringify(told));
  const simulator = await startSimulator<{ readonly ip: string }>(
    {
      tokenPath: '/api/oauth',
      question({ pathname }) {
        const ip = /^\/api\/insight\/endpoint\/ip\/([^/]+)$/.exec(pathname)?.[1];
        return ip === undefined ? undefined : { ip: decodeURIComponent(ip) };
      },
      answer: ({ ip }) => endpoints.get(canonical(ip)),
      control(call, told) {
        const ip = /^PUT \/endpoints\/([^/]+)$/.exec(call)?.[1];
        if (ip === undefined) return 'unknown';
        setEndpoint(decodeURIComponent(ip), told);
        return 'done';
      },
    },
    options,
  );
  return { ...simulator, setEndpoint };
}

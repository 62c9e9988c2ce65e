/** An ATP Cloud that lists infected hosts to whoever holds a token, so many times a minute. */
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

export interface AtpCloud extends Simulator<object> {
  /** All hosts that it lists from now on, with their levels. */
  readonly list: (hosts: Readonly<Record<string, number>>) => void;
  /** It answers this text from now on, whatever it lists; null: what it lists again. */
  readonly answerWith: (text: string | null) => void;
  /** From now on it takes these tokens alone. */
  readonly changeTokens: (...tokens: readonly string[]) => void;
  /** How often it may be asked in a minute; it begins to count anew. */
  readonly allow: (perMinute: number) => void;
}

export interface AtpCloudOptions extends Omit<SimulatorOptions, 'clients'> {
  readonly tokens?: readonly string[];
}

/** As ATP Cloud has it. */
const usualRate = 60;
const minuteMs = 60_000;

export async function startAtpCloud({ tokens = [], ...options }: AtpCloudOptions = {}): Promise<AtpCloud> {
  let known = new Set(tokens);
  let hosts: Readonly<Record<string, number>> = {};
  let text: string | null = null;
  let perMinute = usualRate;
  let asked: number[] = [];

  const list: AtpCloud['list'] = (told) => void (hosts = told);
  const answerWith: AtpCloud['answerWith'] = (told) => void (text = told);
  const changeTokens: AtpCloud['changeTokens'] = (...told) => void (known = new Set(told));
  const allow: AtpCloud['allow'] = (told) => {
    perMinute = told;
    asked = [];
  };

  function busyFor(): number | undefined {
    const now = Date.now();
    asked = asked.filter((at) => at > now - minuteMs);
    const [oldest = now] = asked;
    if (asked.length >= perMinute) return Math.max(1, Math.ceil((oldest + minuteMs - now) / 1_000));
    asked.push(now);
    return undefined;
  }

  const simulator = await startSimulator<object>(
    {
      tokenPath: '/no-tokens-are-given-here',
      question: ({ method, url }) =>
        method === 'GET' && url.pathname === '/v2/skyatp/infected_hosts' ? {} : undefined,
      holderOf: (token) => (known.has(token) ? 'realm' : undefined),
      busyFor,
      answer() {
        const ip = Object.entries(hosts).map(([address, level]) => ({ [address]: level }));
        return text ?? JSON.stringify({ data: { count: ip.length, ip } });
      },
      control(call, told) {
        if (call === 'PUT /hosts') list(told as Record<string, number>);
        else if (call === 'PUT /answer') answerWith(told as string | null);
        else if (call === 'PUT /tokens') changeTokens(...(told as string[]));
        else if (call === 'PUT /rate') allow(Number(told));
        else return 'unknown';
        return 'done';
      },
    },
    options,
  );
  return { ...simulator, list, answerWith, changeTokens, allow };
}

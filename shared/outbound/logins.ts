/** Keys and tokens that systems gave, remembered for as long as they live and the environment does. */
import { createHash } from 'node:crypto';
import type { OpenConnector } from '../connectors/enforcer.ts';

export interface Logins {
  /** `undefined` where there is none, or its time is over. */
  readonly find: (login: Login) => string | undefined;
  readonly keep: (login: Login, key: string, lifetimeMs: number) => void;
  readonly forget: (login: Login) => void;
}

/** Who logs in where, and with what: only who knows the same secret gets the same key. */
export type Login = string & { readonly brand: 'Login' };

export function loginOf({ address, port, connectMethod, caCertificate, username, password, settings }: OpenConnector) {
  const all = [connectMethod, address, port, caCertificate, username, password, settings.realm];
  return createHash('sha256').update(JSON.stringify(all)).digest('base64') as Login;
}

const mostRemembered = 1_000;

export function loginsBy(now: () => number): Logins {
  const known = new Map<Login, { readonly key: string; readonly untilAt: number }>();
  return {
    find(login) {
      const found = known.get(login);
      return found !== undefined && now() < found.untilAt ? found.key : undefined;
    },
    keep(login, key, lifetimeMs) {
      const [oldest] = known.keys();
      if (oldest !== undefined && known.size >= mostRemembered) known.delete(oldest);
      known.set(login, { key, untilAt: now() + lifetimeMs });
    },
    forget: (login) => void known.delete(login),
  };
}

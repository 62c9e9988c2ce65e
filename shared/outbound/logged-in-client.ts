/** Sends as somebody who has logged in: with the key that is remembered, and once more with a new one where that is not taken. */
import type { Connection, Received, Sent } from './connection-client.ts';
import { type Login, type Logins } from './logins.ts';

export interface LoggingIn {
  readonly connection: Pick<Connection, 'send'>;
  readonly logins: Logins;
  readonly login: Login;
  /** Throws where it is not let in. */
  readonly logIn: () => Promise<{ readonly key: string; readonly lifetimeMs: number }>;
  readonly authorization: (key: string) => string;
}

export function loggedIn({ connection, logins, login, logIn, authorization }: LoggingIn): Connection['send'] {
  const put = async (sent: Sent, key: string): Promise<Received> =>
    connection.send({ ...sent, headers: { ...sent.headers, authorization: authorization(key) } });

  async function anew(): Promise<string> {
    const { key, lifetimeMs } = await logIn();
    logins.keep(login, key, lifetimeMs);
    return key;
  }

  return async (sent) => {
    const known = logins.find(login);
    const received = await put(sent, known ?? (await anew()));
    if (received.status !== 401) return received;
    logins.forget(login);
    return known === undefined ? received : put(sent, await anew());
  };
}

/**
 * Tokens: one for each tenant, server and client id, shared by all workers. The one that holds the lease asks the server
 * for the next; as long as the old one is good, the others do not wait for it. So a cold start of many costs one request.
 */
import type { TenantId } from '../tenancy/tenant.ts';
import type { ServerName } from './servers.ts';

export interface TokenPlace {
  readonly tenant: TenantId;
  readonly server: ServerName;
  readonly clientId: string;
}

/** As the server gave it. */
export interface Obtained {
  readonly text: string;
  readonly lifetimeSeconds: number;
}

export interface Token extends Span {
  readonly text: string;
  /** Another with each token. */
  readonly revision: string;
}

interface Span {
  /** Both in epoch milliseconds. */
  readonly obtainedAt: number;
  readonly expiresAt: number;
}

/**
 * A token to ask with. `obtain` asks the server for one, and is called only where this worker is the one to do so;
 * `rejected` is the revision that the server has just refused. `wait`: another is about to get one, and takes long.
 */
export type FindToken = (obtain: () => Promise<Obtained>, rejected?: string) => Promise<Token | 'wait'>;

export interface Kept {
  /** Of the newest token; absent where there was none yet. */
  readonly token?: SealedToken;
  /** Epoch milliseconds; until then one worker alone may ask for the next. */
  readonly leasedUntil?: number;
}

export interface SealedToken extends Span {
  readonly revision: string;
  readonly ciphertext: Uint8Array;
}

export interface Lease {
  /** The revision of the token that it keeps. */
  readonly id: string;
  /** The revision that is to be replaced; absent where there was none. */
  readonly seen?: string;
  readonly now: number;
  readonly untilAt: number;
}

export interface TokenStore {
  readonly read: (place: TokenPlace) => Promise<Kept>;
  /** Throws where it was kept for another place. */
  readonly open: (place: TokenPlace, sealed: SealedToken) => Promise<string>;
  /** Only while nobody else has one, and only where the newest token is still the one that was seen. */
  readonly lease: (place: TokenPlace, lease: Lease) => Promise<'leased' | 'refused'>;
  /** Ends the lease. `outrun`: it was over and is another's, whose token counts. */
  readonly keep: (place: TokenPlace, token: Token) => Promise<'kept' | 'outrun'>;
  readonly release: (place: TokenPlace, id: string) => Promise<void>;
}

export interface SharedTokens {
  readonly tokens: TokenStore;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly newId: () => string;
}

/** Longer than a worker needs for a connection and a token, shorter than a question needs to come back and wait again. */
const leaseMs = 8_000;
const patienceMs = 4_000;
const pollMs = 100;

/** Part of its life, or five minutes of a long one: by then a token is replaced while it is still good. */
const renewedWithin = { part: 0.2, ms: 300_000 };

/** Environments serve many tenants; this many tokens each keeps in memory. */
const mostRemembered = 1_000;

/** What it returns lives as long as the environment, and remembers the tokens that it has seen. */
export function sharedTokens({ tokens, now, wait, newId }: SharedTokens): (place: TokenPlace) => FindToken {
  const remembered = new Map<string, Token>();

  function remember(place: TokenPlace, token: Token): Token {
    const [oldest] = remembered.keys();
    if (oldest !== undefined && remembered.size >= mostRemembered) remembered.delete(oldest);
    remembered.set(nameOf(place), token);
    return token;
  }

  async function opened(place: TokenPlace, sealed: SealedToken): Promise<Token> {
    const known = remembered.get(nameOf(place));
    if (known?.revision === sealed.revision) return known;
    const { ciphertext, ...span } = sealed;
    return remember(place, { ...span, text: await tokens.open(place, sealed) });
  }

  async function obtained(place: TokenPlace, id: string, obtain: () => Promise<Obtained>): Promise<Token> {
    const obtainedAt = now();
    try {
      const { text, lifetimeSeconds } = await obtain();
      const token = { text, revision: id, obtainedAt, expiresAt: obtainedAt + Math.round(lifetimeSeconds * 1_000) };
      await tokens.keep(place, token);
      return remember(place, token);
    } catch (error) {
      await tokens.release(place, id);
      throw error;
    }
  }

  return (place) => async (obtain, rejected) => {
    const known = remembered.get(nameOf(place));
    if (known !== undefined && known.revision !== rejected && now() < renewalOf(known)) return known;

    const giveUpAt = now() + patienceMs;
    for (;;) {
      const { token, leasedUntil = 0 } = await tokens.read(place);
      const good = token !== undefined && token.revision !== rejected && now() < token.expiresAt ? token : undefined;
      if (good !== undefined && now() < renewalOf(good)) return opened(place, good);

      const id = newId();
      const lease = { id, ...(token && { seen: token.revision }), now: now(), untilAt: now() + leaseMs };
      const isMine = leasedUntil <= lease.now && (await tokens.lease(place, lease)) === 'leased';
      if (isMine && good === undefined) return obtained(place, id, obtain);
      if (isMine && good !== undefined) return obtained(place, id, obtain).catch(async () => opened(place, good));
      if (good !== undefined) return opened(place, good);

      if (now() >= giveUpAt) return 'wait';
      await wait(pollMs);
    }
  };
}

const nameOf = ({ tenant, server, clientId }: TokenPlace) => JSON.stringify([tenant, server, clientId]);

const renewalOf = ({ obtainedAt, expiresAt }: Span) =>
  expiresAt - Math.min((expiresAt - obtainedAt) * renewedWithin.part, renewedWithin.ms);

/** Tokens in memory, and not encrypted; held to the contract of the real store. */
import type { Token, TokenPlace, TokenStore } from '../../shared/user-query/tokens.ts';

interface Item {
  token?: Token;
  lease?: { readonly id: string; readonly untilAt: number };
}

/** `requests` counts what was asked of it. */
export function fakeTokenStore(): TokenStore & { readonly requests: () => number } {
  const items = new Map<string, Item>();
  const texts = new Map<string, string>();
  let requests = 0;
  const of = ({ tenant, server, clientId }: TokenPlace): Item => {
    requests += 1;
    const name = JSON.stringify([tenant, server, clientId]);
    const item = items.get(name) ?? {};
    items.set(name, item);
    return item;
  };

  return {
    async read(place) {
      const { token, lease } = of(place);
      const sealed = token && { ...token, ciphertext: Buffer.from(`${place.tenant}#${token.revision}`) };
      if (token && sealed) texts.set(`${place.tenant}#${token.revision}`, token.text);
      return Promise.resolve({
        ...(sealed && { token: without(sealed, 'text') }),
        ...(lease && { leasedUntil: lease.untilAt }),
      });
    },
    async open(place, { ciphertext }) {
      const name = Buffer.from(ciphertext).toString();
      const text = name.startsWith(`${place.tenant}#`) ? texts.get(name) : undefined;
      return text === undefined ? Promise.reject(new Error('InvalidCiphertextException')) : Promise.resolve(text);
    },
    async lease(place, { id, seen, now, untilAt }) {
      const item = of(place);
      const isFree = item.lease === undefined || item.lease.untilAt <= now || item.lease.id === id;
      if (!isFree || item.token?.revision !== seen) return Promise.resolve('refused');
      item.lease = { id, untilAt };
      return Promise.resolve('leased');
    },
    async keep(place, token) {
      const item = of(place);
      if (item.lease?.id !== token.revision && item.token?.revision !== token.revision)
        return Promise.resolve('outrun');
      item.token = token;
      delete item.lease;
      return Promise.resolve('kept');
    },
    async release(place, id) {
      const item = of(place);
      if (item.lease?.id === id) delete item.lease;
      return Promise.resolve();
    },
    requests: () => requests,
  };
}

function without<From extends object, Name extends keyof From>(from: From, name: Name): Omit<From, Name> {
  const { [name]: _left, ...rest } = from;
  return rest;
}

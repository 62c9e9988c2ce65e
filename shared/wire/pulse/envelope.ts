/** Pulse Policy Secure's way to say what became of a request: messages in an envelope, whatever else the answer holds. */

interface Message {
  readonly message: string;
}

export interface Warned {
  readonly result: { readonly warnings: readonly Message[] };
}

export interface Informed {
  readonly result: { readonly info: readonly Message[] };
}

/** Of a request that was refused. */
export const warned = (messages: readonly string[]): Warned => ({ result: { warnings: messages.map(asMessage) } });

/** Of a request that was taken. */
export const informed = (messages: readonly string[]): Informed => ({ result: { info: messages.map(asMessage) } });

const asMessage = (message: string): Message => ({ message });

/** Pulse Policy Secure's way to say what became of a request: messages in an envelope, whatever else the answer holds. */

interface Message {
  readonly message: string;
}

export interface Warned {
  readonly result: { readonly warnings: readonly Message[] };
}

export interface Informed {
  readonly result: { readonly info: readonly Message[]; readonly warnings?: readonly Message[] };
}

/** Of a request that was refused. */
export const warned = (messages: readonly string[]): Warned => ({ result: { warnings: messages.map(asMessage) } });

/** Of a request that was taken, with what its sender may not expect. */
export const informed = (messages: readonly string[], warnings: readonly string[] = []): Informed => ({
  result: { info: messages.map(asMessage), ...(warnings.length > 0 && warned(warnings).result) },
});

const asMessage = (message: string): Message => ({ message });

/** All messages of an answer, good and bad, one after another; and its state, where it tells one. */
export function wordsIn(answer: unknown): string {
  if (!isObject(answer)) return '';
  const { result, state } = answer;
  const { info, warnings, errors } = isObject(result) ? result : {};
  const messages = [info, warnings, errors].flatMap((list) =>
    Array.isArray(list) ? (list as readonly unknown[]) : [],
  );
  const texts = messages
    .map((each) => (isObject(each) ? each.message : each))
    .filter((text) => typeof text === 'string');
  return [...(typeof state === 'string' ? [state] : []), ...texts].join(': ');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

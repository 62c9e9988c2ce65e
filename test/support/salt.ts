/** A salt for passwords: the same at each call, which is enough where nobody guesses. */
export const aSalt = (): Uint8Array => Buffer.from('sixteen bytes...');

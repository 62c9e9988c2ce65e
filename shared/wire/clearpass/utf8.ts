import { refuseAt } from './xml-faults.ts';

/** The text of a body. A byte order mark stays, for the parser to see: it takes one and refuses a second. */
export function decoded(body: Uint8Array): string {
  // UTF-16 and UTF-32 write each ASCII character with zero bytes beside it, which UTF-8 would let pass.
  if (body[0] === 0 || body[1] === 0) refuseAt('', 0, 'xml-not-utf8', `The body is UTF-16 or UTF-32. ${advice}`);
  try {
    return decoder(true).decode(body);
  } catch {
    const sound = decoder(false).decode(body.subarray(0, soundBytes(body)), { stream: true });
    return refuseAt(sound, sound.length, 'xml-not-utf8', `From here on the body is not UTF-8. ${advice}`);
  }
}

const advice = 'Send UTF-8, and declare encoding="UTF-8" or nothing.';

const decoder = (fatal: boolean) => new TextDecoder('utf-8', { fatal, ignoreBOM: true });

/** How many bytes from the first one on could begin a text in UTF-8. */
function soundBytes(body: Uint8Array): number {
  let sound = 0;
  for (let step = 2 ** Math.floor(Math.log2(body.length)); step >= 1; step /= 2) {
    if (sound + step <= body.length && couldBegin(body.subarray(0, sound + step))) sound += step;
  }
  return sound;
}

function couldBegin(bytes: Uint8Array): boolean {
  try {
    decoder(true).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

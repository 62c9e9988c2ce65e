/** Bodies that their senders have compressed. */
import { gunzipSync } from 'node:zlib';
import { ServiceError } from '../service-error.ts';
import type { HttpRequest } from './http.ts';

/** What may come at once, compressed or not. */
export const mostBodyBytes = 2_097_152;

/** Throws `body-too-large`, before more than that is inflated, `encoding-unsupported`, `encoding-invalid`. */
export function inflatedBody({ headers, body }: Pick<HttpRequest, 'headers' | 'body'>): Uint8Array {
  const encoding = (headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'identity') {
    throw new ServiceError('encoding-unsupported', `The body is encoded as "${encoding.slice(0, 64)}". Send it as it is, or compressed with gzip.`); // prettier-ignore
  }
  const plain = encoding === 'gzip' ? gunzipped(body) : body;
  if (plain.length > mostBodyBytes) throw tooLarge();
  return plain;
}

function gunzipped(body: Uint8Array): Uint8Array {
  try {
    return gunzipSync(body, { maxOutputLength: mostBodyBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw new ServiceError('encoding-invalid', 'The body is no gzip, or a part of it is missing. Compress it as one whole, or send it as it is.'); // prettier-ignore
  }
}

const tooLarge = () =>
  new ServiceError('body-too-large', `The body has more than ${mostBodyBytes} bytes (2 MB) when it is inflated. Send fewer lines at once.`); // prettier-ignore

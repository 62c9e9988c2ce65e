import document from '../../docs/openapi.json' with { type: 'json' };
import { digestOf } from '../../shared/tenancy/secret.ts';

/** As it was written when the function was bundled. */
export function dependencies() {
  const text = JSON.stringify(document);
  return { text, version: digestOf(text).slice(0, 16) };
}

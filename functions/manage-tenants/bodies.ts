/** What the provider sends. */
import * as v from 'valibot';
import { roles } from '../../shared/contract.ts';
import { type HttpRequest, readJson } from '../../shared/edge/http.ts';
import { closed, flag, oneOf, readDocument, say, text, whole } from '../../shared/json-schema.ts';
import { mostOfLimits } from '../../shared/tenancy/limits.ts';
import { tenantId } from '../../shared/tenancy/tenant.ts';

const name = text(1, 64);

const limit = (most: number) => v.exactOptional(v.nullable(whole(1, most)));

/** `null`: the default again. */
const limits = closed({
  postsPerMinute: limit(mostOfLimits.postsPerMinute),
  openQuestions: limit(mostOfLimits.openQuestions),
  entries: limit(mostOfLimits.entries),
});

export const newTenant = closed({
  id: v.pipe(
    text(1, 32),
    v.regex(/^[a-z0-9][a-z0-9-]*$/, say('form', 'Give a-z, 0-9 and "-", beginning with a letter or a digit.')),
    v.transform(tenantId),
  ),
  name: v.exactOptional(name),
  limits: v.exactOptional(limits),
});

export const tenantChange = closed({ name: v.exactOptional(name), limits: v.exactOptional(limits) });

const instant = v.pipe(
  v.string(say('type', 'Give an instant in quotes.')),
  v.check(isInstant, say('form', 'Give an instant in UTC, such as 2030-01-31T00:00:00Z.')),
  v.metadata({ format: 'date-time' }),
  v.transform((value) => Date.parse(value)),
);

/** Written back it must begin with the same day: the language takes February 30th for a day in March. */
function isInstant(value: string): boolean {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value) ? Date.parse(value) : NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value.slice(0, 10));
}

export const newCredential = closed({
  role: oneOf(roles),
  name: v.exactOptional(name),
  kind: v.exactOptional(oneOf(['basic', 'token'])),
  orderByArrival: v.exactOptional(flag()),
  expiresAt: v.exactOptional(instant),
});

export const alteration = closed({
  name: v.exactOptional(name),
  orderByArrival: v.exactOptional(flag()),
  restAccess: v.exactOptional(flag()),
});

export const revocation = closed({
  secret: v.exactOptional(
    v.pipe(text(8, 8), v.regex(/^[0-9a-f]+$/, say('form', 'Give a fingerprint of the list of credentials.'))),
  ),
});

export const nothing = closed({});

const reading =
  <Output>(schema: v.GenericSchema<unknown, Output>, documentOf: (request: HttpRequest) => unknown) =>
  (request: HttpRequest): Output =>
    readDocument(schema, documentOf(request), 'body-invalid');

/** Where there is nothing to say, nothing needs to be sent. */
const jsonOrNothing = (request: HttpRequest) => (request.body.length === 0 ? {} : readJson(request));

export const readNewTenant = reading(newTenant, readJson);
export const readTenantChange = reading(tenantChange, readJson);
export const readNewCredential = reading(newCredential, readJson);
export const readAlteration = reading(alteration, readJson);
export const readRevocation = reading(revocation, jsonOrNothing);
export const readRotation = reading(nothing, jsonOrNothing);

/** What is kept of a credential under its tenant, and of a login where the authorizer finds it. */
import * as v from 'valibot';
import { roles } from '../contract.ts';

export const credentialRecord = v.object({
  revision: v.string(),
  id: v.string(),
  name: v.string(),
  role: v.picklist(roles),
  kind: v.picklist(['basic', 'token']),
  user: v.exactOptional(v.string()),
  orderByArrival: v.boolean(),
  restAccess: v.exactOptional(v.literal('off')),
  keysFrom: v.exactOptional(v.number()),
  createdAt: v.number(),
  expiresAt: v.exactOptional(v.number()),
  revokedAt: v.exactOptional(v.number()),
  secrets: v.array(v.object({ digest: v.string(), createdAt: v.number() })),
});

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

/** A login of a user or of a token. The authorizer reads it by hand (`login-store.ts`), and fails where it says less. */
const loginRecord = v.object({
  kind: v.picklist(['basic', 'token']),
  role: v.picklist(roles),
  credentialId: v.string(),
  credentialName: v.string(),
  passwords: v.array(digest),
  orderByArrival: v.boolean(),
  restAccess: v.exactOptional(v.literal('off')),
  keysFrom: v.exactOptional(v.number()),
  expiresAt: v.exactOptional(v.number()),
  revokedAt: v.exactOptional(v.number()),
});

const keyRecord = v.object({
  kind: v.literal('key'),
  credentialId: v.string(),
  credentialName: v.string(),
  user: digest,
  password: digest,
  createdAt: v.number(),
  expiresAt: v.number(),
});

export const anyLoginRecord = v.variant('kind', [loginRecord, keyRecord]);

/** `measured-post.ts ours|plain BODY_FILE`: what the first post of a process costs it, and what became of the entries. */
import { readFileSync } from 'node:fs';
import { tables } from '../support/engine.ts';
import { costOf } from './stopwatch.ts';

const [stack, bodyFile] = process.argv.slice(2);
const body = readFileSync(bodyFile ?? '');
const post = stack === 'ours' ? await ours() : await plain();
process.stdout.write(JSON.stringify(await costOf(post)));

async function ours() {
  const { dependencies } = await import('../../functions/post-entries/dependencies.ts');
  const { postEntries } = await import('../../shared/identity/post-entries.ts');
  const { tenantId } = await import('../../shared/tenancy/tenant.ts');
  const sender = {
    tenant: tenantId('acme'),
    credentialId: 'acme-1',
    credentialName: 'ClearPass',
    orderByArrival: false,
    clientAddress: '192.0.2.1',
    requestId: 'request-1',
  };
  return async () => {
    const receivedAt = Date.now();
    const deadlineAt = receivedAt + 29_000;
    const { counts } = await postEntries(dependencies(), { ...sender, body, receivedAt, deadlineAt });
    return { stored: counts.stored, passed: counts.replayed + counts.stale };
  };
}

async function plain() {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const { plainPost } = await import('./plain-stack.ts');
  return async () =>
    plainPost({ client: new DynamoDBClient(), table: tables.entries, tenant: 'acme' }, body, Date.now());
}

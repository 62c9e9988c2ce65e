import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startRuntime } from '../../../infra/local/runtime.ts';
import { synthesise } from '../../../infra/local/synthesise.ts';

test('the template of production runs on one machine too, with all that it has more than a sandbox', async () => {
  const assembly = mkdtempSync(join(tmpdir(), 'postern-production-'));
  await synthesise(assembly, { stage: 'production', frontDoor: 'none' });
  const runtime = await startRuntime({ assembly, port: 0 });
  try {
    const unknown = await fetch(new URL('/v1/health', runtime.url));

    expect(unknown.status).toBe(401);
    expect(Object.keys(runtime.outputs)).toEqual(expect.arrayContaining(['EgressAddress1Ip', 'EgressAddress2Ip']));
  } finally {
    await runtime.stop();
    rmSync(assembly, { recursive: true, force: true });
  }
});

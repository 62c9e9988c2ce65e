/** Whatever a tenant sets, and whatever holds stand: nobody who is held gets more than he is to have. */
import fc from 'fast-check';
import type { ReturnAttributePolicy } from '../../shared/configuration/threat-response.ts';
import { advanceEndpoint } from '../../shared/endpoints/endpoint-table.ts';
import { postAuth } from '../../shared/radius/post-auth.ts';
import { readAttributes } from '../../shared/wire/radius/rest.ts';
import { aHold, laptop } from '../support/endpoints.ts';
import { acme, globex, noon } from '../support/observations.ts';
import { aLoginPacket, aRadiusService, aReturnPolicy, radiusSettings } from '../support/radius.ts';

const roles = ['Employee', 'Quarantine', 'Limited'];
const places = ['Floor 1', 'Air'];
const returned: fc.Arbitrary<ReturnAttributePolicy['return']> = fc.oneof(
  fc.record({ type: fc.constant('vlan' as const), vlan: fc.constantFrom('10', '666') }),
  fc.record({ type: fc.constant('filter' as const), filter: fc.constantFrom('PERMIT-ALL', 'PERMIT-PULSE-ONLY') }),
  fc.constant({ type: 'open-port' as const }),
);
const policies = fc.array(
  fc.record({ locationGroups: fc.subarray(places), roles: fc.subarray(roles), return: returned }).map(aReturnPolicy),
  { maxLength: 6 },
);
const holds = fc.array(
  fc.record({ hold: fc.constantFrom('blocked' as const, 'quarantined' as const), role: fc.constantFrom('Quarantine', 'Limited', 'Nowhere'), threatName: fc.constantFrom('a', 'b') }), // prettier-ignore
  { maxLength: 3 },
);

test('a held device is rejected, or told what one policy of its quarantine role and its place says', async () => {
  await fc.assert(
    fc.asyncProperty(policies, holds, async (returnAttributes, standing) => {
      const { deps } = aRadiusService({ ...radiusSettings, returnAttributes });
      for (const { hold, role, threatName } of standing) {
        await advanceEndpoint(deps, acme, laptop, aHold({ hold, threatName, role: hold === 'blocked' ? null : role }));
      }
      const attributes = readAttributes(aLoginPacket());
      const verdict = await postAuth(deps, { tenant: acme, receivedAt: noon }, attributes);
      const [line] = deps.accessLog.all(acme);
      const told = verdict.result === 'accepted' ? verdict.attributes.map(({ name, values }) => `${name}=${values.join()}`) : []; // prettier-ignore

      expect(line?.result).toBe(verdict.result);
      expect((await postAuth(deps, { tenant: globex, receivedAt: noon }, attributes)).result).toBe('accepted');
      if (standing.some(({ hold }) => hold === 'blocked')) expect(verdict.result).toBe('rejected');
      else if (standing.length > 0 && verdict.result === 'accepted') {
        const fitting = returnAttributes.find(
          (policy) =>
            (policy.locationGroups.length === 0 || policy.locationGroups.includes('Floor 1')) &&
            policy.roles.includes(line?.quarantineRole ?? ''),
        );
        const { return: wanted } = fitting ?? aReturnPolicy({ return: { type: 'open-port' } });
        expect(wanted.type).not.toBe('open-port');
        expect(told).toContain(wanted.type === 'vlan' ? `Tunnel-Private-Group-Id=${wanted.vlan}` : `Filter-Id=${wanted.type === 'filter' ? wanted.filter : ''}`); // prettier-ignore
      }
    }),
    { numRuns: 300 },
  );
});

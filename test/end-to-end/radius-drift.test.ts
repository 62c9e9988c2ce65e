/**
 * The edge and what it is to be, through the running service: a change that never reaches its switch, and one that the
 * switch acknowledges and does nothing about, end with the session let go of; the list of operations says why it took three.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { startSwitch, type Switch } from '../simulators/switch.ts';
import { needs, simulators } from './needs.ts';
import { type Service, startService } from './service.ts';
import { aSite } from './site.ts';

type Told = Readonly<Record<string, unknown>>;

needs('clock', 'simulators')(
  'a switch that loses a change, and then forgets one that it acknowledged, ends up right',
  async () => {
    const [service, device]: [Service, Switch] = [await startService(), await startSwitch({ address: simulators })];
    try {
      const [ours, theirs] = [aSite(service, 'acme'), aSite(service, 'globex')];
      const here = { name: 'here', address: simulators, make: 'juniper-ex', secret: device.secret, locationGroup: 'office', changePort: device.port }; // prettier-ignore
      const radiusClients = [here, { ...here, name: 'wifi', address: '198.51.100.4', locationGroup: 'wireless' }];
      for (const site of [ours, theirs]) {
        expect(await site.setUp({ changeOfAuthorization: 'direct', radiusClients })).toMatchObject({ status: 200 }); // prettier-ignore
      }
      const [laptop, neighbour] = [
        ours.device('00:11:22:33:ca:01', 'alice'),
        theirs.device('00:11:22:33:ca:01', 'bob'),
      ];
      expect(await laptop.joins('here', { ip: '10.1.0.1' })).toEqual({ filter: 'PERMIT-ALL' });
      await neighbour.joins('here', { ip: '10.1.0.1' });
      const { sessions } = (await laptop.looked()) as { sessions: { acctSessionId: string }[] };
      device.login({ station: '00-11-22-33-CA-01', id: sessions[0]?.acctSessionId ?? '' });
      const items = async (of: typeof ours, path: `/${string}`) =>
        (await of.operator(`GET ${path}`)).body.items as readonly Told[];
      const operations = async (of: typeof ours) => items(of, `/v1/operations?mac=${laptop.mac}`);
      /** A hang is ended by the test's own time. */
      const until = async (holds: (all: readonly Told[]) => boolean) => {
        for (;;) {
          const all = await operations(ours);
          if (holds(all)) return all;
          await wait(100);
        }
      };

      device.behave({ deaf: 3, forgets: 1 });
      await ours.threat('quarantine-endpoint', '10.1.0.1', { severity: 'high' });
      const [failed] = await until(([newest]) => newest?.state === 'failed');
      expect(failed).toMatchObject({ kind: 'change-of-authorization', why: 'held', attempts: 1, mend: expect.stringContaining('change port') as string }); // prettier-ignore
      await until(([newest]) => newest?.state === 'acknowledged');
      expect(device.sessions()).toHaveLength(1);

      service.runtime.advanceClock(60_000);
      expect(await laptop.tells('10.1.0.1')).toBe(204);
      await until(([newest]) => newest?.why === 'drift' && newest.state === 'acknowledged');

      expect(device.sessions()).toEqual([]);
      expect(await operations(ours)).toMatchObject([
        { why: 'drift', wanted: 'quarantined', role: 'quarantine', attempts: 1, detail: expect.stringContaining('went on after') as string }, // prettier-ignore
        { why: 'held', state: 'acknowledged', attempts: 2 },
      ]);
      expect(await items(ours, '/v1/events?event=radius-drift')).toMatchObject([{ code: 'drift-repaired', mac: laptop.mac }]); // prettier-ignore
      await laptop.leaves();
      expect(await laptop.joins('here', { ip: '10.1.0.1' })).toEqual({ filter: 'PERMIT-PULSE-ONLY' });
      expect(await items(ours, '/v1/infected-hosts')).toMatchObject([{ enforcement: { state: 'acknowledged' } }]);
      expect([await operations(theirs), await items(theirs, '/v1/events')]).toEqual([[], []]);
    } finally {
      await Promise.all([service.stop(), device.stop()]);
    }
  },
  600_000,
);

/**
 * A change of authorization reaches a real FreeRADIUS: through the running service and the script that ships, to its
 * listener for such packets, which plays the switch here. The script finds it by its address, 127.0.0.1.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSwitch } from '../../simulators/switch.ts';
import { type Service, startService } from '../service.ts';
import { aSite } from '../site.ts';
import { type FreeRadius, missing, secret, startFreeRadius } from './free-radius.ts';

const script = fileURLToPath(new URL('../../../docs/freeradius/postern-changes', import.meta.url));
const story = missing() === undefined ? describe : describe.skip;

async function aFreePort(): Promise<number> {
  const { port, stop } = await startSwitch();
  await stop();
  return port;
}

/** Lets go of sessions of one station, and knows none of any other. */
const switchOf = (port: number) => `
server switch {
	listen {
		type = coa
		ipaddr = 127.0.0.1
		port = ${port}
	}
	recv-coa {
		if (&Calling-Station-Id == "00-11-22-33-CA-01" && &NAS-IP-Address == 127.0.0.1 && &Acct-Session-Id && &Event-Timestamp) {
			ok
		}
		else {
			update reply {
				&Error-Cause := Session-Context-Not-Found
			}
			reject
		}
	}
	send-coa {
		ok
	}
}
`;

story('a change of authorization on its way to a real FreeRADIUS', () => {
  let service: Service;
  let site: ReturnType<typeof aSite>;
  let radius: FreeRadius;
  let running: ChildProcess;
  const secrets = mkdtempSync(join(tmpdir(), 'postern-secrets-'));

  beforeAll(async () => {
    service = await startService();
    site = aSite(service, 'acme');
    const token = service.authorizations.acme.radius.replace(/^Bearer /, '');
    const port = await aFreePort();
    const here = { name: 'here', address: '127.0.0.1', make: 'juniper-ex', secret, locationGroup: 'office', changePort: port }; // prettier-ignore
    const wifi = { ...here, name: 'wifi', address: '198.51.100.4', locationGroup: 'wireless' };
    expect((await site.setUp({ radiusClients: [here, wifi] })).status).toBe(200);
    radius = await startFreeRadius({ url: service.url, token, sites: { switch: switchOf(port) } });
    writeFileSync(join(secrets, 'default'), `${secret}\n`);
    const settings = { POSTERN_URL: service.url, POSTERN_TOKEN: token, POSTERN_SECRETS: secrets };
    running = spawn(script, { env: { ...process.env, ...settings }, stdio: 'ignore' });
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => running.once('close', resolve));
    running.kill();
    await ended;
    rmSync(secrets, { recursive: true });
    await radius.stop();
    await service.stop();
  });

  /** What its switch said in the end: where that came too late it is told again. A hang is ended by the test's own time. */
  async function quarantined(last: string) {
    const laptop = site.device(`00:11:22:33:ca:${last}`, 'alice');
    await laptop.joins('here', { ip: `10.1.0.${Number(last)}`, port: `ge-0/0/${last}` });
    await laptop.act('quarantine', { role: 'quarantine' });
    for (;;) {
      const [change] = (await laptop.looked()).changes as { state: string }[];
      if (change && !['pending', 'sent', 'timed-out'].includes(change.state)) return change;
      await wait(50);
    }
  }

  test('its ACK is on the endpoint', async () => {
    expect(await quarantined('01')).toMatchObject({ state: 'acknowledged', errorCause: null });
    expect(radius.log()).toMatch(/Received Disconnect-Request[^]*Sent Disconnect-ACK/);
  });

  test('its NAK is on the endpoint, with the reason, and the session is over', async () => {
    expect(await quarantined('02')).toMatchObject({ state: 'session-over', errorCause: 503 });
  });
});

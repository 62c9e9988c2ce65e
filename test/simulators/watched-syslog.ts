/**
 * A receiver of syslog over TCP for people and scripts: `GET /_simulator/lines` at its `url` shows what it has got, and
 * `DELETE` forgets it.
 */
import { type Door, startServer } from './server.ts';
import { startSyslogReceiver } from './syslog-receiver.ts';

export interface WatchedSyslog {
  readonly url: string;
  /** Where it takes octet-counted lines. */
  readonly server: Door;
  readonly stop: () => Promise<void>;
}

export async function startWatchedSyslog(): Promise<WatchedSyslog> {
  const receiver = await startSyslogReceiver({ transport: 'tcp' });
  const { url, stop } = await startServer<never>({
    ask: () => undefined,
    answer: (asked) => asked,
    control(call) {
      if (call === 'GET /lines') return { shown: receiver.lines() };
      if (call !== 'DELETE /lines') return 'unknown';
      receiver.forget();
      return 'done';
    },
  });
  return {
    url,
    server: { address: receiver.address, port: receiver.port },
    async stop() {
      await Promise.all([stop(), receiver.stop()]);
    },
  };
}

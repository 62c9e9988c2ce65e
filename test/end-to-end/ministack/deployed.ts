/** The unchanged app on MiniStack, put there as the README tells a reader who deploys to an account. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stageName } from '../../../shared/contract.ts';
import type { MiniStack } from './ministack.ts';

export interface Deployed {
  /** The root of the API. */
  readonly url: string;
  /** Of the provider. */
  readonly token: string;
  /** `npm run tenant` with these words: the API's own answer. */
  readonly tenant: <Told>(...words: string[]) => Promise<Told>;
  /** Takes all stacks away again. */
  readonly destroy: () => Promise<void>;
}

/**
 * Bootstrap, deploy, the provider's first credential. Functions may reach this machine, for
 * the simulators on it; and nobody comes by CloudFront, which MiniStack does not put before an API.
 */
export async function deploy({ url, folder, run }: MiniStack): Promise<Deployed> {
  const outputs = join(folder, 'outputs.json');
  const quietly = ['--require-approval', 'never', '--no-notices', '--ci', '--output', join(folder, 'cdk.out')];
  const context = ['--context', 'outboundAllow=127.0.0.0/8', '--context', 'frontDoor=none'];
  await run('cdk', ['bootstrap', 'aws://000000000000/us-east-1'], { seconds: 120, folder });
  await run('cdk', ['deploy', '--all', '--outputs-file', outputs, ...context, ...quietly], { seconds: 480 });

  const { PosternService: service } = JSON.parse(readFileSync(outputs, 'utf8')) as Record<
    string,
    Record<string, string>
  >;
  const root = `${url}/restapis/${service?.RestApiId ?? ''}/${stageName}/_user_request_`;
  const tenantAs =
    (token: string) =>
    async <Told>(...words: string[]) => {
      const environment = { POSTERN_URL: root, POSTERN_PROVIDER_TOKEN: token };
      const said = await run('npm', ['run', '--silent', 'tenant', '--', ...words, '--json'], {
        seconds: 60,
        environment,
      });
      return JSON.parse(said) as Told;
    };
  const { token = '' } = await tenantAs('')<{ token?: string }>('provider', '--outputs', outputs);
  return {
    url: root,
    token,
    tenant: tenantAs(token),
    async destroy() {
      await run('cdk', ['destroy', '--all', '--force', '--app', join(folder, 'cdk.out')], { seconds: 300 });
    },
  };
}

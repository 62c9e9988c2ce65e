/** All stacks of one deployment. `app.ts` gives them their bundles; tests read them without. */
import type { App } from 'aws-cdk-lib';
import type { Code } from 'aws-cdk-lib/aws-lambda';

import { frontDoorHeaders } from '../shared/contract.ts';
import { DataStack } from './data-stack.ts';
import { FirewallStack } from './firewall-stack.ts';
import { frontDoorBy, frontDoorValues } from './front-door.ts';
import { FrontDoorStack } from './front-door-stack.ts';
import type { FunctionName } from './functions.ts';
import { NetworkStack } from './network-stack.ts';
import { ServiceStack } from './service-stack.ts';
import { alarmEmailBy, askingBy, choice, stageNamed } from './stage.ts';
import { WatchStack } from './watch-stack.ts';
import { WorkerStack } from './worker-stack.ts';

/** The stacks that the app's context values (`-c NAME=VALUE`) ask for. Throws for a value that means nothing. */
export function stacksOf(app: App, codeOf: (name: FunctionName) => Code) {
  const value = (name: string): unknown => app.node.tryGetContext(name);
  const stage = stageNamed(value('stage'));
  const asking = askingBy(value('queryCells'), value('outboundAllow'));
  const frontDoor = frontDoorBy(Object.fromEntries(frontDoorValues.map((name) => [name, value(name)])));

  const data = new DataStack(app, 'PosternData', { stage });
  const network =
    choice('egress', value('egress'), stage.egress, ['fixed', 'any']) === 'fixed'
      ? new NetworkStack(app, 'PosternNetwork', { stage })
      : undefined;
  const workers = new WorkerStack(app, 'PosternWorkers', { stage, data, network: network?.network, asking, codeOf });
  const service = new ServiceStack(app, 'PosternService', { stage, data, workers, frontDoor, codeOf });
  const firewall =
    choice('firewall', value('firewall'), stage.firewall, ['on', 'off']) === 'on'
      ? new FirewallStack(app, 'PosternFirewall', {
          stage,
          restApiId: service.api.restApiId,
          clientAddressHeader: frontDoor.kind === 'cloudfront' ? frontDoorHeaders.client : undefined,
        })
      : undefined;
  const alarmEmail = alarmEmailBy(value('alarmEmail'));
  const watch = new WatchStack(app, 'PosternWatch', {
    stage,
    data,
    workers,
    service,
    ...(alarmEmail !== undefined && { alarmEmail }),
  });
  const { api, originSecret } = service;
  const door =
    frontDoor.kind === 'none'
      ? undefined
      : new FrontDoorStack(app, 'PosternFrontDoor', { stage, frontDoor, api, originSecret });
  return {
    data,
    workers,
    service,
    watch,
    ...(network && { network }),
    ...(firewall && { firewall }),
    ...(door && { frontDoor: door }),
  };
}

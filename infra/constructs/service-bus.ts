import { EventBus } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { variables } from '../../shared/contract.ts';

/** Where events go out, for rules that others write. It has the same name in every account, as rules name it. */
export class ServiceBus extends EventBus {
  constructor(scope: Construct, id: string) {
    super(scope, id, { eventBusName: 'Postern' });
  }

  /** Tells a function the bus's name, and lets it put events there. */
  allow(teller: LambdaFunction) {
    teller.addEnvironment(variables.eventBus, this.eventBusName);
    this.grantPutEventsTo(teller);
  }
}

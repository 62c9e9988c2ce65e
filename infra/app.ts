/** The description of the whole system: `cdk deploy` puts it on AWS, `npm start` on this machine. */
import { App, Aspects } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';

import { bundle, bundleOf } from './bundle.ts';
import { DataStack } from './data-stack.ts';
import { functionNames, ServiceStack } from './service-stack.ts';
import { askingBy, stageNamed } from './stage.ts';

const app = new App({
  analyticsReporting: false,
  context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' }, // a table that is in use cannot be taken away
});
const stage = stageNamed(app.node.tryGetContext('stage'));
const asking = askingBy(app.node.tryGetContext('queryCells'), app.node.tryGetContext('outboundAllow'));

await bundle(functionNames);

const data = new DataStack(app, 'PosternData', { stage });
new ServiceStack(app, 'PosternService', { stage, data, asking, codeOf: (name) => Code.fromAsset(bundleOf(name)) });

Aspects.of(app).add(new AwsSolutionsChecks({ reports: false }));
app.synth();

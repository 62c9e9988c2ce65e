/** The description of the whole system: `cdk deploy` puts it on AWS, `npm start` on this machine. */
import { App, Aspects } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';

import { bundle, bundleOf } from './bundle.ts';
import { functionNames } from './functions.ts';
import { stacksOf } from './stacks.ts';

const app = new App({
  analyticsReporting: false,
  context: { '@aws-cdk/core:defaultCrossStackReferences': 'strong' }, // a table that is in use cannot be taken away
});

await bundle(functionNames);
stacksOf(app, (name) => Code.fromAsset(bundleOf(name)));

Aspects.of(app).add(new AwsSolutionsChecks({ reports: false }));
app.synth();

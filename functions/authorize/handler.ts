/** API Gateway asks before anything else: who is calling, of which tenant, in which role? */
import { authorizer } from '../../shared/edge/authorizer.ts';
import { authorize } from '../../shared/tenancy/authorize.ts';
import { dependencies } from './dependencies.ts';

export const handler = authorizer(dependencies, authorize);

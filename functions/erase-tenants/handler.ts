/** Every minute: what is left of tenants that are to be erased is removed from all tables. */
import { scheduled } from '../../shared/edge/schedule.ts';
import { eraseTenants } from '../../shared/tenancy/erase-tenants.ts';
import { dependencies } from './dependencies.ts';

export const handler = scheduled(dependencies, eraseTenants);

/** Once a minute: what time alone changes about endpoints is done and told, for every tenant. */
import { tendEndpoints } from '../../shared/admission/tend-endpoints.ts';
import { scheduled } from '../../shared/edge/schedule.ts';
import { dependencies } from './dependencies.ts';

export const handler = scheduled(dependencies, tendEndpoints);

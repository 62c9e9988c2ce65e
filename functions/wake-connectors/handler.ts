/** Once a minute: feeds are polled, connectors checked and hosts told of, as far as it is time or something got lost. */
import { wakeConnectors } from '../../shared/connectors/wake-connectors.ts';
import { scheduled } from '../../shared/edge/schedule.ts';
import { dependencies } from './dependencies.ts';

export const handler = scheduled(dependencies, wakeConnectors);

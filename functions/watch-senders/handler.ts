/** Every five minutes: how many senders are deaf, silent, or have their clock off, and how many firewalls fell silent, is measured for every tenant. */
import { scheduled } from '../../shared/edge/schedule.ts';
import { watchSenders } from '../../shared/journal/watch-senders.ts';
import { dependencies } from './dependencies.ts';

export const handler = scheduled(dependencies, watchSenders);

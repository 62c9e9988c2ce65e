/** For how long the debug log is to be on. */
import { mostDebugMinutes } from '../../shared/journal/debug.ts';
import { closed, whole } from '../../shared/json-schema.ts';

export const debugTime = closed({ minutes: whole(0, mostDebugMinutes) });

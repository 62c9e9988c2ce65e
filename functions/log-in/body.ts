/** What a client sends that names its realm. */
import { closed, text } from '../../shared/json-schema.ts';

export const login = closed({ realm: text(1, 256) });

// Lets a forked node run the sources as they are: `node --import <this> file.ts`.
import { register } from 'node:module';

register('./ts-hooks.mjs', import.meta.url);

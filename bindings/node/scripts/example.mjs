// `npm run example basic`: the build is where it is on the newest Node and on Node 20 alike.
import { fileURLToPath } from 'node:url';

const [name = 'basic'] = process.argv.splice(2, 1);
await import(fileURLToPath(new URL(`../.build/examples/${name}.mjs`, import.meta.url)));

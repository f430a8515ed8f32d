/** Which agent an example is to ask, as the examples of all languages read it. */

import { parseArgs } from 'node:util';

import type { HotPlexOptions } from 'hotplex';

const { values, positionals } = parseArgs({
  options: { provider: { type: 'string' }, program: { type: 'string' } },
  allowPositionals: true,
});

/** What is left of the command line. */
export const prompts = positionals;

/** `--provider NAME`, for which `HOTPLEX_PROVIDER` stands in, and `--program PATH`. */
export const agent: HotPlexOptions = {};
const provider = values.provider ?? process.env.HOTPLEX_PROVIDER;
if (provider) agent.provider = provider;
if (values.program) agent.program = values.program;

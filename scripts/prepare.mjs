/** The road from a fresh clone to files that run: machine, packages, addon, bundles. Says only what it had to do. */
import { buildAddon } from './addon.mjs';
import { build } from './build.mjs';
import { setup } from './setup.mjs';

/** Ends the process where a step fails; the step's own words say why. */
export async function prepare({ test }) {
  setup({ test });
  try {
    buildAddon();
    await build();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

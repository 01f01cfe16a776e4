// The package's command must be executable after a build as it is after an install.
import { chmodSync, existsSync, writeFileSync } from 'node:fs';

const command = new URL('../dist/main.js', import.meta.url);
if (existsSync(command)) {
  chmodSync(command, 0o755);
  // Newer than every source: nothing needs to be built again (see setup.mjs).
  writeFileSync(new URL('../dist/.built', import.meta.url), '');
}

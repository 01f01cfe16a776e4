// The command line of the demo.
const HELP = `npm run demo [-- --keep]

helve and two real Envoys under real traffic, while their configuration changes.

  --keep      leave it running afterwards, with helve's log, until Ctrl-C
  -h, --help  this text`;

/** Throws with one line where a flag is unknown. */
export function parseFlags(args) {
  const unknown = args.find((arg) => !['--keep', '--help', '-h'].includes(arg));
  if (unknown !== undefined) throw new Error(`there is no flag ${unknown}\n\n${HELP}`);
  const help = args.includes('--help') || args.includes('-h') ? HELP : null;
  return { help, keeps: args.includes('--keep') };
}

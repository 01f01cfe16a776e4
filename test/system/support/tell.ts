/** Prints a measured figure into the run's output; it judges nothing. */
export function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

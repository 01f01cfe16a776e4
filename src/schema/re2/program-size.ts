import type { Instruction, Program } from './program.ts';

/**
 * How many instructions RE2 keeps of a program: it turns the trees of branches into lists, and what
 * several lead to is a list of its own.
 */
export function programSize({ code, start, startLoose }: Program): number {
  const program: Code = { code: code.map((instruction) => ({ ...instruction })) };
  if (start === 0 && startLoose === 0) return 1;
  withoutNops(program, start);
  markMatches(program, start);
  const roots = new Set([0, startLoose, start]);
  const before = new Map<number, number[]>();
  markSuccessors(program, startLoose, { roots, before });
  const later = [...roots].sort((a, b) => b - a);
  for (const root of later) {
    if (root !== 0 && root !== start && root !== startLoose) {
      markShared(program, root, { roots, before });
    }
  }
  let size = 0;
  for (const root of roots) size += listSize(program, root, roots);
  return size;
}

interface Code {
  readonly code: readonly Instruction[];
}

interface Marks {
  /** What a list begins with. */
  readonly roots: Set<number>;
  /** The branches that lead to an instruction. */
  readonly before: Map<number, number[]>;
}

const FAIL: Instruction = { op: 'fail', out: 0, other: 0, isAny: false };

const at = ({ code }: Code, id: number): Instruction => code[id] ?? FAIL;

/** Visits what can be reached; `next` says where to go on from an instruction. */
function visit(
  program: Code,
  start: number,
  next: (instruction: Instruction, id: number) => readonly number[],
): ReadonlySet<number> {
  const seen = new Set<number>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    for (const out of next(at(program, id), id)) open.push(out);
  }
  return seen;
}

const isBranch = ({ op }: Instruction): boolean => op === 'alt' || op === 'altMatch';

function outsOf(instruction: Instruction): readonly number[] {
  if (isBranch(instruction)) return [instruction.out, instruction.other];
  return instruction.op === 'match' || instruction.op === 'fail' ? [] : [instruction.out];
}

/** Those that are reached without a byte, a capture or an assertion in between. */
function nearOf(instruction: Instruction): readonly number[] {
  return isBranch(instruction) || instruction.op === 'nop' ? outsOf(instruction) : [];
}

function withoutNops(program: Code, start: number): void {
  const behind = (id: number): number => {
    let found = id;
    while (found !== 0 && at(program, found).op === 'nop') found = at(program, found).out;
    return found;
  };
  visit(program, start, (instruction) => {
    instruction.out = behind(instruction.out);
    if (isBranch(instruction)) instruction.other = behind(instruction.other);
    return outsOf(instruction);
  });
}

/** Where either nothing more or anything follows, RE2 has an instruction more, to stop early. */
function markMatches(program: Code, start: number): void {
  const isMatch = (id: number): boolean => {
    const { op, out } = at(program, id);
    return op === 'match' || ((op === 'capture' || op === 'nop') && isMatch(out));
  };
  visit(program, start, (instruction, id) => {
    const isLoop = (to: number): boolean => at(program, to).isAny && at(program, to).out === id;
    const { op, out, other } = instruction;
    if (op === 'alt' && ((isLoop(out) && isMatch(other)) || (isMatch(out) && isLoop(other)))) {
      instruction.op = 'altMatch';
    }
    return outsOf(instruction);
  });
}

function markSuccessors(program: Code, start: number, { roots, before }: Marks): void {
  visit(program, start, (instruction, id) => {
    const outs = outsOf(instruction);
    if (isBranch(instruction)) {
      for (const out of outs) before.set(out, [...(before.get(out) ?? []), id]);
    } else if (instruction.op !== 'nop') for (const out of outs) roots.add(out);
    return outs;
  });
}

/** What is reached from elsewhere too. */
function markShared(program: Code, root: number, { roots, before }: Marks): void {
  const seen = visit(program, root, (instruction, id) =>
    id !== root && roots.has(id) ? [] : nearOf(instruction),
  );
  for (const id of seen) {
    if ((before.get(id) ?? []).some((branch) => !seen.has(branch))) roots.add(id);
  }
}

function listSize(program: Code, root: number, roots: ReadonlySet<number>): number {
  let size = 0;
  visit(program, root, (instruction, id) => {
    const isOther = id !== root && roots.has(id);
    const isLink = isOther || !(instruction.op === 'alt' || instruction.op === 'nop');
    if (isLink) size += 1;
    return isOther ? [] : nearOf(instruction);
  });
  return size;
}

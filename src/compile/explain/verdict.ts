/** Whether a condition holds. Null: it depends on what is not known here. */
export type Verdict =
  { readonly holds: true } | { readonly holds: false | null; readonly why: string };

export const HOLDS: Verdict = Object.freeze({ holds: true });

export const fails = (why: string): Verdict => ({ holds: false, why });

export const unknown = (why: string): Verdict => ({ holds: null, why });

/** Of conditions that must all hold: the first that does not decides, then what is not known. */
export function allOf(verdicts: readonly Verdict[]): Verdict {
  return (
    verdicts.find(({ holds }) => holds === false) ??
    verdicts.find(({ holds }) => holds === null) ??
    HOLDS
  );
}

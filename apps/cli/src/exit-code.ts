/** 0 done or good · 1 refused or not good · 2 could not tell, or not a command. */
export type ExitCode = 0 | 1 | 2

/** The exit code of many answers: a refusal outweighs a doubt, a doubt outweighs what is good. */
export function worstOf(a: ExitCode, b: ExitCode): ExitCode {
  if (a === 1 || b === 1) return 1
  return a === 2 || b === 2 ? 2 : 0
}

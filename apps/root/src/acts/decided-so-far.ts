import type { DecisionBook, VerifiedDecision } from '@arc3088/issuer'
import { RegistryError } from '@arc3088/problems'

/** The verified decisions of these kinds; none before officers are enrolled, since nobody has decided anything. */
export async function decidedSoFar(
  decisions: Pick<DecisionBook, 'verified'>,
  kinds: readonly string[],
): Promise<readonly VerifiedDecision[]> {
  try {
    return await decisions.verified(kinds)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'officers-not-enrolled') return []
    throw error
  }
}

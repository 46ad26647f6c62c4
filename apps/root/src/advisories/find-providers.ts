import type { RootDeps } from '../deps.ts'
import type { ProviderLife } from '../providers/provider-life.ts'

/** The providers with these codes, as far as they are proved, in the order of the codes; others are missing. */
export async function findProviders(
  { lives }: Pick<RootDeps, 'lives'>,
  codes: readonly number[],
): Promise<ProviderLife[]> {
  const found = await Promise.all(codes.map(async (code) => await lives.find(code)))
  return found.filter((life) => life !== undefined)
}

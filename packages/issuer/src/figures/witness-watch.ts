import type { AskWitness } from '../witness/ask-witness.ts'

/** How a witness has answered this process. */
export interface WitnessConduct {
  readonly url: string
  /** When it last cosigned. */
  readonly cosignedAt: Date | undefined
  /** When it first failed of the failures since its last answer. */
  readonly silentSince: Date | undefined
}

/** Asks witnesses, and remembers how they answered. */
export interface WitnessWatch {
  readonly ask: AskWitness
  /** Of all that were asked, in the order in which they first were. */
  conducts(): readonly WitnessConduct[]
}

/** A witness that names another size has seen the log: it has answered, and signs next time. */
export function watchWitnesses(ask: AskWitness, now: () => Date): WitnessWatch {
  const conducts = new Map<string, WitnessConduct>()
  return {
    async ask(witness, request) {
      const { url } = witness
      const { cosignedAt, silentSince } = conducts.get(url) ?? {
        cosignedAt: undefined,
        silentSince: undefined,
      }
      const answer = await ask(witness, request)
      const at = now()
      if (answer.kind === 'cosigned') conducts.set(url, { url, cosignedAt: at, silentSince: undefined })
      else if (answer.kind === 'conflict') conducts.set(url, { url, cosignedAt, silentSince: undefined })
      else conducts.set(url, { url, cosignedAt, silentSince: silentSince ?? at })
      return answer
    },
    conducts: () => [...conducts.values()],
  }
}

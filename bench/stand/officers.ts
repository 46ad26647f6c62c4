import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import {
  createMemorySigner,
  generateSigningKey,
  signShownProposal,
  type DecisionSignature,
  type ShownProposal,
  type Signer,
} from '@arc3088/records'

/** Signs a proposal with the key of the officer at that place. */
export type SignAs = (nth: number, proposal: ShownProposal) => Promise<DecisionSignature>

/** Makes the officers of a stand: their keys, and the command that enrols them. */
export async function makeOfficers(
  folder: string,
): Promise<{ readonly command: readonly [string, ...string[]]; readonly sign: SignAs }> {
  await mkdir(folder, { recursive: true })
  const signers: Signer[] = []
  const command: [string, ...string[]] = ['officers:enrol']
  for (const name of ['ann', 'bo', 'cy']) {
    const { privateJwk, publicJwk } = await generateSigningKey('ES256')
    const file = join(folder, `${name}.jwk.json`)
    await writeFile(file, JSON.stringify(publicJwk))
    signers.push(await createMemorySigner({ alg: 'ES256', privateJwk }))
    command.push('--name', name, '--key', file)
  }
  return {
    command,
    async sign(nth, proposal) {
      const signer = signers[nth]
      if (signer === undefined) throw new Error(`there is no officer ${nth}`)
      const signature = await signShownProposal(signer, proposal)
      if ('kind' in signature) throw new Error(signature.detail)
      return signature
    },
  }
}

/** A proposal out of the desk's answer. */
export function shownOf(answer: Readonly<Record<string, unknown>>): ShownProposal {
  const { id, kind, payload, decision } = answer as unknown as ShownProposal
  return { id, kind, payload, decision }
}

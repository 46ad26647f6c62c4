import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  createMemorySigner,
  generateSigningKey,
  signShownProposal,
  type DecisionSignature,
  type ShownProposal,
  type Signer,
} from '@arc3088/records'

const NAMES = ['ann', 'bo', 'cy'] as const
/** The officers of a test: two of these three decide. */
export type TestOfficerKey = (typeof NAMES)[number]

/** Three officers with keys of their own, as they come to the ceremony of a root. */
export interface TestOfficers {
  /** What `officers:enrol` is called with; it prints their tokens in this order. */
  readonly command: readonly string[]
  readonly names: readonly TestOfficerKey[]
  signer(name: TestOfficerKey): Signer
  /** Signs a proposal as that officer would; throws where the desk asks for something else than it shows. */
  sign(name: TestOfficerKey, proposal: ShownProposal): Promise<DecisionSignature>
}

/** Makes three officers. */
export async function createTestOfficers(): Promise<TestOfficers> {
  const signers = new Map<TestOfficerKey, Signer>()
  for (const name of NAMES) {
    const { privateJwk } = await generateSigningKey('ES256')
    signers.set(name, await createMemorySigner({ alg: 'ES256', privateJwk }))
  }
  const directory = mkdtempSync(join(tmpdir(), 'arc3088-officers-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const command = ['officers:enrol']
  for (const [name, { publicJwk }] of signers) {
    const file = join(directory, `${name}.jwk.json`)
    writeFileSync(file, JSON.stringify(publicJwk))
    command.push('--name', name, '--key', file)
  }
  const signer = (name: TestOfficerKey): Signer => {
    const found = signers.get(name)
    if (found === undefined) throw new Error(`${name} has no key`)
    return found
  }
  return {
    command,
    names: NAMES,
    signer,
    async sign(name, proposal) {
      const signature = await signShownProposal(signer(name), proposal)
      if ('kind' in signature) throw new Error(signature.detail)
      return signature
    },
  }
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  createMemorySigner,
  generateSigningKey,
  signRootKeySet,
  type KeyPurpose,
  type Signer,
} from '@arc3088/records'

/** Keys of one node in a folder, as its operator would have them. */
export interface TestKeys extends Disposable {
  readonly directory: string
  readonly signers: ReadonlyMap<KeyPurpose, Signer>
  signer(purpose: KeyPurpose): Signer
}

/** Makes fresh keys for the purposes, one file each. */
export async function createTestKeys(purposes: readonly KeyPurpose[]): Promise<TestKeys> {
  const directory = mkdtempSync(join(tmpdir(), 'arc3088-keys-'))
  const signers = new Map<KeyPurpose, Signer>()
  for (const purpose of purposes) {
    // A log's key is of Ed25519 always (wire-format Keys).
    const alg = purpose === 'tlog' ? 'Ed25519' : 'ES256'
    const { privateJwk } = await generateSigningKey(alg)
    writeFileSync(join(directory, `${purpose}.jwk.json`), JSON.stringify(privateJwk), { mode: 0o600 })
    signers.set(purpose, await createMemorySigner({ alg, privateJwk }))
  }
  return {
    directory,
    signers,
    signer(purpose) {
      const signer = signers.get(purpose)
      if (signer === undefined) throw new Error(`no ${purpose} key was made`)
      return signer
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}

/** Signs key set 1 of a root: what a verifier pins. Answers the text of `ROOT_KEY_SETS_FILE`. */
export async function signFirstKeySet(
  entityId: string,
  keys: { root: Signer; federation: Signer },
  nbf: number,
): Promise<string> {
  const set = await signRootKeySet([keys.root], {
    iss: entityId,
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [keys.root.publicJwk],
    keys: { federation: [keys.federation.publicJwk] },
    nbf,
    exp: nbf + 365 * 86_400,
  })
  return JSON.stringify([set])
}

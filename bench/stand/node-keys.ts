import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import {
  createMemorySigner,
  generateSigningKey,
  signRootKeySet,
  type KeyPurpose,
  type Signer,
} from '@arc3088/records'

const NODE_PURPOSES = ['federation', 'issuing', 'status', 'tlog'] as const satisfies readonly KeyPurpose[]
const BACKDATED_SECONDS = 60
const LIFE_SECONDS = 30 * 86_400

/** Makes the four keys of a node, a file each, as `keys generate` does; answers its federation key. */
export async function makeNodeKeys(folder: string): Promise<Signer> {
  await mkdir(folder, { recursive: true })
  const signers = await Promise.all(NODE_PURPOSES.map((purpose) => makeKey(folder, purpose)))
  const [federation] = signers
  if (federation === undefined) throw new Error('no key was made')
  return federation
}

async function makeKey(folder: string, purpose: KeyPurpose): Promise<Signer> {
  const alg = purpose === 'tlog' ? 'Ed25519' : 'ES256'
  const { privateJwk } = await generateSigningKey(alg)
  await writeFile(join(folder, `${purpose}.jwk.json`), JSON.stringify(privateJwk), { mode: 0o600 })
  return await createMemorySigner({ alg, privateJwk })
}

/** Signs key set 1 of a root with a root key that nobody keeps. Answers what verifiers pin. */
export async function signFirstKeySet(entityId: string, federation: Signer): Promise<string> {
  const { privateJwk } = await generateSigningKey('ES256')
  const root = await createMemorySigner({ alg: 'ES256', privateJwk })
  const nbf = Math.floor(Date.now() / 1000) - BACKDATED_SECONDS
  const set = await signRootKeySet([root], {
    iss: entityId,
    seq: 1,
    prev: null,
    threshold: 1,
    root_keys: [root.publicJwk],
    keys: { federation: [federation.publicJwk] },
    nbf,
    exp: nbf + LIFE_SECONDS,
  })
  return JSON.stringify(set)
}

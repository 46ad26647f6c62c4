import { generateSigningKey } from '@arc3088/records'
import { ConfigError } from '@arc3088/service'

import type { KeyDriver } from './key-driver.ts'
import { findKeyFiles, keyFileName, loadKeyFile, writeKeyFile, type KeyFolder } from './key-files.ts'

const SCHEME = 'file'
const FILE_NAME = /^[A-Za-z0-9_.-]+\.jwk\.json$/

/** The reference of a key file, by its name within `KEYS_DIR`. */
export function keyFileRef(name: string): string {
  return `${SCHEME}:${name}`
}

/** Keeps private keys as files of `KEYS_DIR`, sealed where there is a passphrase. */
export function createFileKeyDriver(
  folder: KeyFolder,
  randomBytes: (length: number) => Uint8Array,
): KeyDriver {
  async function load(ref: string) {
    const name = ref.slice(SCHEME.length + 1)
    // A reference comes from the database, and must not lead out of the folder.
    if (!FILE_NAME.test(name)) throw new ConfigError([`KEYS_DIR: ${name} is not the name of a key file`])
    return await loadKeyFile(folder, name)
  }
  return {
    scheme: SCHEME,
    load,
    async generate(purpose, alg) {
      const { privateJwk, publicJwk } = await generateSigningKey(alg)
      const name = keyFileName(purpose, publicJwk.kid)
      await writeKeyFile(folder, name, privateJwk, randomBytes)
      return { ref: keyFileRef(name), publicJwk }
    },
    async find(purpose) {
      const refs = findKeyFiles(folder, purpose).map(keyFileRef)
      return await Promise.all(refs.map(async (ref) => ({ ref, publicJwk: (await load(ref)).publicJwk })))
    },
  }
}

import { existsSync } from 'node:fs'

import type { SignatureAlg } from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { Refusal, UsageError } from '../failure.ts'
import { createKeyFile, keyFile, type KeyFilePurpose } from './key-files.ts'

const PURPOSES = [
  'root',
  'federation',
  'issuing',
  'status',
  'tlog',
  'officer',
] as const satisfies readonly KeyFilePurpose[]
const ALGS = ['ES256', 'Ed25519'] as const satisfies readonly SignatureAlg[]

/**
 * `keys generate`: one private key a purpose, each in a file of its own that only its owner reads. Never overwrites. The
 * key of the log (`tlog`) is of Ed25519 whatever the others are: signed notes have no other (wire-format Keys).
 */
export const generate = defineCommand(
  {
    dir: { type: 'string' },
    purposes: { type: 'string', default: 'federation,issuing,status,tlog' },
    alg: { type: 'string', default: 'ES256' },
    'passphrase-file': { type: 'string' },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const folder = required(values.dir, 'dir')
    const purposes = readPurposes(values.purposes)
    const wished = ALGS.find((known) => known === values.alg)
    if (wished === undefined) throw new UsageError(`--alg: one of ${ALGS.join(', ')}`)
    // Looked at first, so that a refusal leaves nothing new.
    const there = purposes.map((purpose) => keyFile(folder, purpose)).filter((file) => existsSync(file))
    if (there.length > 0)
      throw new Refusal('file-exists', `${there.join(', ')} there already; nothing was written`)
    for (const purpose of purposes) {
      const alg = purpose === 'tlog' ? 'Ed25519' : wished
      const { file, publicJwk } = await createKeyFile(folder, purpose, {
        alg,
        passphraseFile: values['passphrase-file'],
      })
      const { kid } = publicJwk
      const text = `${purpose}  ${alg}  ${kid}  ${file}`
      await writeAnswer({ json: { purpose, file, alg, kid }, text, exitCode: 0 }, values.json, terminal)
    }
    return 0
  },
)

function readPurposes(text: string): readonly KeyFilePurpose[] {
  const purposes = text.split(',').map((name) => {
    const purpose = PURPOSES.find((known) => known === name.trim())
    if (purpose === undefined) throw new UsageError(`--purposes: some of ${PURPOSES.join(', ')}`)
    return purpose
  })
  if (new Set(purposes).size !== purposes.length) throw new UsageError('--purposes: one of them stands twice')
  return purposes
}

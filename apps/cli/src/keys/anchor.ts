import { existsSync } from 'node:fs'

import { EntityId, signRootKeySet } from '@arc3088/records'

import { writeAnswer } from '../answers.ts'
import { defineCommand, noArguments, required } from '../command.ts'
import { Refusal, UsageError } from '../failure.ts'
import { readSigner, writeNewFile } from './key-files.ts'

const SECONDS_A_DAY = 86_400
const DAYS_DEFAULT = 365
/** Wire-format W1. */
const DAYS_MAX = 400
/** The set holds from a little before it was signed: a verifier's clock may be behind. */
const BACKDATED_SECONDS = 60
const PUBLIC_MODE = 0o644

/**
 * `keys anchor`: signs key set 1 of a root (wire-format W1), which names its federation key. Writes the array that the
 * root serves, and the one key set that a verifier pins. Run where the root key is, which is not where the root runs.
 */
export const anchor = defineCommand(
  {
    dir: { type: 'string' },
    'federation-dir': { type: 'string' },
    'entity-id': { type: 'string' },
    out: { type: 'string' },
    pin: { type: 'string' },
    days: { type: 'string', default: String(DAYS_DEFAULT) },
  },
  async ({ positionals, values }, terminal) => {
    noArguments(positionals)
    const folder = required(values.dir, 'dir')
    const entityId = required(values['entity-id'], 'entity-id')
    if (!EntityId.safeParse(entityId).success)
      throw new UsageError('--entity-id: an origin, as https://root.example')
    const out = required(values.out, 'out')
    const files = values.pin === undefined ? [out] : [out, values.pin]
    const there = files.filter((file) => existsSync(file))
    if (there.length > 0)
      throw new Refusal('file-exists', `${there.join(', ')} there already; nothing was written`)
    const days = Number(values.days)
    if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX)
      throw new UsageError(`--days: 1 to ${DAYS_MAX}`)

    const root = await readSigner(folder, 'root')
    const federation = await readSigner(values['federation-dir'] ?? folder, 'federation')
    const nbf = Math.floor(terminal.now().getTime() / 1000) - BACKDATED_SECONDS
    const set = await signRootKeySet([root], {
      iss: entityId,
      seq: 1,
      prev: null,
      threshold: 1,
      root_keys: [root.publicJwk],
      keys: { federation: [federation.publicJwk] },
      nbf,
      exp: nbf + days * SECONDS_A_DAY,
    })
    writeNewFile(out, `${JSON.stringify([set])}\n`, PUBLIC_MODE)
    if (values.pin !== undefined) writeNewFile(values.pin, `${JSON.stringify(set)}\n`, PUBLIC_MODE)
    const json = { iss: entityId, seq: 1, root_kid: root.kid, federation_kid: federation.kid, files }
    const text = `key set 1 of ${entityId}, root key ${root.kid}: ${files.join(', ')}`
    return await writeAnswer({ json, text, exitCode: 0 }, values.json, terminal)
  },
)

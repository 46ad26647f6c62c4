import { promisify } from 'node:util'
import { constants, deflate } from 'node:zlib'

import {
  setEntry,
  STATUS_BITS,
  STATUS_LIST_BYTES,
  STATUS_TOKEN_LIFETIME_SECONDS,
  signStatusListToken,
  statusName,
  entryAt,
  type CompactJws,
  type Signer,
  type StatusValue,
} from '@arc3088/records'

/**
 * A token is signed again at this age though no bit changed: a quarter of its life. Whoever fetches it, keeps it for
 * its ttl and puts it into a bundle still holds one that lives half an hour; a signer that is away is felt after
 * three quarters of an hour, not at once; and a list that rests costs four signatures an hour.
 */
export const TOKEN_AGE_SECONDS_MAX = STATUS_TOKEN_LIFETIME_SECONDS / 4

const ENTRIES_A_BYTE = 8 / STATUS_BITS

/** What tokens are made with. */
export interface TokenParts {
  readonly entityId: string
  readonly ttlSeconds: number
  statusListUri(list: number): string
  /** The key that signs now; a token of another key is signed again. */
  signer(): Signer
  /** The instant, in seconds, up to which every change that was committed is in the bits. */
  knownUpTo(): number
  reached(step: string): void
  /** Says which entries of a list may be signed; see `JudgeEntries`. Without it every entry is. */
  readonly judge?: JudgeEntries | undefined
}

/** An entry of a list that is not 0. */
export interface SetEntry {
  readonly index: number
  readonly status: number
}

/**
 * Holds the entries of a list, as the database has them, against what the node can prove, before they are signed: answers
 * all entries that are not 0 as they shall be signed.
 */
export type JudgeEntries = (list: number, entries: readonly SetEntry[]) => Promise<readonly SetEntry[]>

/** The bits of one list in memory, and its newest token. */
export interface KeptList {
  /** Writes an entry; the same value again changes nothing. */
  apply(index: number, status: number): void
  /** True where a token was made and the bits have changed since. */
  isDirty(): boolean
  /** The token of the bits as they stand: the one there is, or a new one. */
  token(): Promise<CompactJws>
}

interface MadeToken {
  readonly jws: CompactJws
  readonly version: number
  readonly kid: string
  readonly iat: number
}

/**
 * Entries stand where nobody can predict, so that nothing in a list comes again but runs of zeros: looking for anything
 * else takes up to forty times as long and finds nothing. Of entries set at random, one in 2,000 to one in 5, this is also
 * the smaller form. Whoever inflates sees no difference.
 */
const BY_RUNS = { strategy: constants.Z_RLE } as const

const deflateInPool = promisify<Uint8Array, typeof BY_RUNS, Buffer>(deflate)

/** Keeps the list `number` (wire-format W7), all of it valid at first. */
export function createKeptList(number: number, parts: TokenParts): KeptList {
  const bits = new Uint8Array(STATUS_LIST_BYTES)
  let version = 0
  let packed: { version: number; lst: string } | undefined
  let made: MadeToken | undefined
  let making: Promise<void> | undefined

  function current(): MadeToken | undefined {
    if (made === undefined || made.version !== version || made.kid !== parts.signer().kid) return undefined
    return parts.knownUpTo() - made.iat < TOKEN_AGE_SECONDS_MAX ? made : undefined
  }

  async function pack(): Promise<{ version: number; lst: string }> {
    if (packed?.version === version) return packed
    // A copy, since bits may change while another thread deflates.
    const [copy, copied] = [bits.slice(), version]
    if (parts.judge !== undefined) {
      writeEntries(copy, await parts.judge(number, setEntriesOf(copy)))
      // What was not borne out is forgotten here too, so that the same value is a change when it is true.
      if (version === copied) bits.set(copy)
    }
    packed = { version: copied, lst: (await deflateInPool(copy, BY_RUNS)).toString('base64url') }
    parts.reached('status:packed')
    return packed
  }

  async function make(): Promise<void> {
    const signer = parts.signer()
    // Read before the bits are: a token says of its instant that nothing committed before it is missing.
    const iat = parts.knownUpTo()
    const { version: signed, lst } = await pack()
    const jws = await signStatusListToken(signer, {
      iss: parts.entityId,
      sub: parts.statusListUri(number),
      iat,
      exp: iat + STATUS_TOKEN_LIFETIME_SECONDS,
      ttl: parts.ttlSeconds,
      status_list: { bits: STATUS_BITS, lst },
    })
    parts.reached('status:signed')
    made = { jws, version: signed, kid: signer.kid, iat }
  }

  return {
    apply(index, status) {
      if (entryAt(bits, index) === status) return
      setEntry(bits, index, asStatusValue(status))
      version += 1
    },
    isDirty: () => made !== undefined && made.version !== version,
    async token() {
      for (;;) {
        const token = current()
        if (token !== undefined) return token.jws
        // Whoever comes while one is made waits for it, and makes the next if it is of older bits.
        making ??= make().finally(() => {
          making = undefined
        })
        await making
      }
    },
  }
}

function setEntriesOf(bits: Uint8Array): SetEntry[] {
  return bits.reduce<SetEntry[]>((entries, byte, place) => {
    if (byte === 0) return entries
    for (let index = place * ENTRIES_A_BYTE; index < (place + 1) * ENTRIES_A_BYTE; index += 1) {
      const status = entryAt(bits, index) ?? 0
      if (status !== 0) entries.push({ index, status })
    }
    return entries
  }, [])
}

function writeEntries(bits: Uint8Array, entries: readonly SetEntry[]): void {
  bits.fill(0)
  for (const { index, status } of entries) setEntry(bits, index, asStatusValue(status))
}

function asStatusValue(value: number): StatusValue {
  if (statusName(value) === undefined) throw new Error(`${value} is a reserved status`)
  return value as StatusValue
}

import { LOG_ENTRY_BYTES_MAX } from '@arc3088/records'
import { HASH_BYTES, NOTE_LENGTH_MAX, TILE_WIDTH, tilePath, type TileAddress } from '@arc3088/tlog'

import { fetchInTime } from '../node/access.ts'
import { CannotTell } from '../failure.ts'

/** Each entry of a bundle stands behind two bytes (C2SP tlog-tiles). */
const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + LOG_ENTRY_BYTES_MAX)
const TILE_BYTES_MAX = TILE_WIDTH * HASH_BYTES

/** A log at an address, as anybody can read it (C2SP tlog-tiles). */
export interface LogSource {
  /** The text of the newest checkpoint. @throws CannotTell where there is none. */
  checkpoint(): Promise<string>
  /**
   * A tile or a bundle of entries; a full one where the partial one asked for is gone. Undefined where the log has
   * neither. @throws CannotTell where nobody answers, or more than there can be.
   */
  tile(address: TileAddress): Promise<Uint8Array | undefined>
}

/** Builds the source of the log below `url`. */
export function openLog(url: string): LogSource {
  const base = url.endsWith('/') ? url : `${url}/`

  async function get(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    const response = await fetchInTime(new Request(new URL(path, base), { redirect: 'error' }))
    if (response.status === 404) {
      await response.body?.cancel()
      return undefined
    }
    if (response.status !== 200) throw new CannotTell(`${base}${path} answered ${response.status}`)
    return await readBounded(response, bytesMax, `${base}${path}`)
  }

  return {
    async checkpoint() {
      const bytes = await get('checkpoint', NOTE_LENGTH_MAX)
      if (bytes === undefined) throw new CannotTell(`${base}checkpoint is not there`)
      return new TextDecoder().decode(bytes)
    },
    async tile(address) {
      const bytesMax = address.level === 'entries' ? BUNDLE_BYTES_MAX : TILE_BYTES_MAX
      const exact = await get(tilePath(address), bytesMax)
      if (exact !== undefined || address.width === TILE_WIDTH) return exact
      // A log may drop a partial tile once the full one is there.
      return await get(tilePath({ ...address, width: TILE_WIDTH }), bytesMax)
    },
  }
}

/** The whole of an answer. @throws CannotTell for one that is longer than it can be; no more of it is read then. */
export async function readBounded(
  response: Response,
  bytesMax: number,
  address: string,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    const bytes: unknown = chunk
    if (!(bytes instanceof Uint8Array)) throw new CannotTell(`${address} answered no bytes`)
    length += bytes.length
    if (length > bytesMax) throw new CannotTell(`${address} answered more than ${bytesMax} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

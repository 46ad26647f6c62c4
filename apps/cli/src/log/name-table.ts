import { sha256 } from '@arc3088/tlog'

const encoder = new TextEncoder()

/** Where each name of a long list was first met: sixteen bytes a place, whatever the names are. */
export interface NameTable {
  /**
   * Notes that a name stands at an index; answers the index of an earlier one that is, but for one chance in 2^64, the
   * same: whoever needs to be sure compares the two.
   */
  add(name: string, index: number): number | undefined
  readonly size: number
}

const PLACES_MIN = 1024

interface Places {
  readonly high: Uint32Array
  readonly low: Uint32Array
  /** Index plus one; 0 where the place is free. */
  readonly at: Float64Array
}

function createPlaces(count: number): Places {
  return { high: new Uint32Array(count), low: new Uint32Array(count), at: new Float64Array(count) }
}

/** The place of a digest, or the free one where it belongs. Open addressing; never full. */
function find({ high, low, at }: Places, h: number, l: number): number {
  const mask = at.length - 1
  let place = l & mask
  while (at[place] !== 0 && (high[place] !== h || low[place] !== l)) place = (place + 1) & mask
  return place
}

/**
 * Builds an empty table. Its digests are keyed, by 32 random bytes: else whoever writes a log could make two names of one
 * digest beforehand, and hide a third that stands twice behind them.
 */
export function createNameTable(key: Uint8Array): NameTable {
  let places = createPlaces(PLACES_MIN)
  let size = 0

  function grow(): void {
    const wider = createPlaces(places.at.length * 2)
    for (const [from, index] of places.at.entries()) {
      if (index === 0) continue
      const [h = 0, l = 0] = [places.high[from], places.low[from]]
      const place = find(wider, h, l)
      wider.high[place] = h
      wider.low[place] = l
      wider.at[place] = index
    }
    places = wider
  }

  return {
    get size() {
      return size
    },
    add(name, index) {
      const digest = sha256(Buffer.concat([key, encoder.encode(name)]))
      const view = new DataView(digest.buffer, digest.byteOffset)
      const [h, l] = [view.getUint32(0), view.getUint32(4)]
      const place = find(places, h, l)
      const earlier = places.at[place] ?? 0
      if (earlier !== 0) return earlier - 1
      places.high[place] = h
      places.low[place] = l
      places.at[place] = index + 1
      size += 1
      if (size * 2 > places.at.length) grow()
      return undefined
    },
  }
}

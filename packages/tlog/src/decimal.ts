import { isTreeNumber } from './leaf-hash.ts'

/** A size or an index in ASCII decimal without leading zeros, at most 2^53 - 1; undefined for anything else. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(text)) return undefined
  const value = Number(text)
  return isTreeNumber(value) ? value : undefined
}

export function formatDecimal(value: number): string {
  if (!isTreeNumber(value)) throw new Error(`${value} is no size or index of a tree`)
  return String(value)
}

import type { Change } from './diagnosis.ts'

/** Letters of other scripts that look like a symbol, and dots that look like the separator. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    А: 'A',
    В: 'B',
    Е: 'E',
    К: 'K',
    М: 'M',
    Н: 'H',
    О: 'O',
    Р: 'P',
    С: 'C',
    Т: 'T',
    Х: 'X',
    У: 'Y',
    І: 'I',
    Ѕ: 'S',
    а: 'a',
    е: 'e',
    о: 'o',
    р: 'p',
    с: 'c',
    х: 'x',
    у: 'y',
    і: 'i',
    ѕ: 's',
    Α: 'A',
    Β: 'B',
    Ε: 'E',
    Ζ: 'Z',
    Η: 'H',
    Ι: 'I',
    Κ: 'K',
    Μ: 'M',
    Ν: 'N',
    Ο: 'O',
    Ρ: 'P',
    Τ: 'T',
    Υ: 'Y',
    Χ: 'X',
    ο: 'o',
    ı: 'i',
    '。': '.',
    '·': '.',
    '․': '.',
  }),
)

export interface Cleaned {
  readonly text: string
  readonly changes: readonly Change[]
  /** White space stood between two symbols, not beside a dot: whether they belong together cannot be known. */
  readonly joined: boolean
}

/** White space between two symbols, with invisible characters around it or none. */
const GAP_IN_SEGMENT =
  /[0-9A-Z][\u200B-\u200F\u2060\uFEFF\u00AD]*[^\S\uFEFF][\s\u200B-\u200F\u2060\u00AD]*[0-9A-Z]/i

/**
 * The text that was probably meant where the input holds what no dialect has: white space and invisible characters, full-width and
 * look-alike characters, a URN, `oid:` or web address around it. The reader never does this; the diagnosis reports every step.
 */
export function clean(input: string): Cleaned {
  const changes: Change[] = []
  const plain = [...input.normalize('NFKC')]
    .map((character) => LOOK_ALIKES.get(character) ?? character)
    .join('')
  const solid = plain.replace(/[\s\u200B-\u200F\u2060\uFEFF\u00AD]/g, '')
  if (solid !== input) changes.push('characters-normalised')
  const bare =
    /^(?:urn:)?(?:oid|aic|aid):(\d.*)$/i.exec(solid)?.[1] ?? /^https?:\/\/[^?#]*\/([^/?#]+)/i.exec(solid)?.[1]
  if (bare !== undefined) changes.push('unwrapped')
  return { text: bare ?? solid, changes, joined: GAP_IN_SEGMENT.test(plain) }
}

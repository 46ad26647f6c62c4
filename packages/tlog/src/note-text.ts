/**
 * Bounds what one note makes us hold. 16 signatures of 5 kB, which must be accepted (signed-note, Format), are a sixth
 * of it.
 */
export const NOTE_LENGTH_MAX = 2 ** 19

// Of the control characters, those of ASCII below U+0020 but newline.
const CONTROL = /[^\P{Cc}\n\u007F-\u009F]/u

/** Whether a note may contain it: it has a UTF-8 form, and no ASCII control character but newline (signed-note, Format). */
export function isNoteText(text: string): boolean {
  return text.isWellFormed() && !CONTROL.test(text)
}

/**
 * The text that bytes are the UTF-8 form of, byte for byte; undefined where they are that of none. A decoder's defaults
 * would drop a byte order mark and replace what is malformed: one signature over several spellings.
 */
export function decodeNoteText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/** Tells the person at the terminal what has been done. */
export type Tell = (line: string) => void

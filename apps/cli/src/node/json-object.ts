/** A JSON object of which nothing is known. */
export type JsonObject = Readonly<Record<string, unknown>>

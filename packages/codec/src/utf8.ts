// The package is compiled without the types of any platform; this class of the WHATWG Encoding Standard is in all of them.
declare const TextDecoder: new (
  label: 'utf-8',
  options: { ignoreBOM: true },
) => { decode(bytes: Uint8Array): string }

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** UTF-8 as text; what is not UTF-8 becomes U+FFFD, which no code holds. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

import type {
  AssignmentRecord,
  EntityConfiguration,
  PublicJwk,
  Read,
  Reading,
  RecognitionList,
  Rejected,
  StatusListToken,
  SubordinateStatement,
} from '@arc3088/records'
import {
  TYP,
  decodeSignedPart,
  readAssignmentRecord,
  readEntityConfiguration,
  readRecognitionList,
  readStatusListToken,
  readSubordinateStatement,
  verifySignedPart,
} from '@arc3088/records'

import type { EvidenceMemory, Shelf } from './evidence-memory.ts'

/** One kind of signed document, as a verification meets it. Each text is decoded once, however often it is read. */
export interface DocumentShelf<Claims> {
  read(text: string): Reading<Claims>
  /** As `read`, of what was read before. */
  known(text: string): Reading<Claims> | undefined
  /** Why the signature of a document read here is refused. The keys are those that may sign it, no others. */
  signatureFault(document: Signed, keys: readonly PublicJwk[]): Promise<Rejected | undefined>
}

/** What a signature is looked for on. */
export interface Signed {
  readonly jws: string
}

/** Reads the documents of one verification, and remembers those that were signed well. */
export interface DocumentReader {
  readonly configurations: DocumentShelf<EntityConfiguration>
  readonly statements: DocumentShelf<SubordinateStatement>
  readonly records: DocumentShelf<AssignmentRecord>
  readonly tokens: DocumentShelf<StatusListToken>
  readonly recognitionLists: DocumentShelf<RecognitionList>
}

/** Documents are kept whoever asks: what they say does not depend on keys. */
const DECODED = ''

const keysNames = new WeakMap<readonly PublicJwk[], string>()

/** Every member of every key: two lists with one name verify the same signatures. */
export function nameOfKeys(keys: readonly PublicJwk[]): string {
  const known = keysNames.get(keys)
  if (known !== undefined) return known
  const name = JSON.stringify(keys.map(({ kty, crv, x, y, kid, alg }) => [kty, crv, x, y, kid, alg]))
  keysNames.set(keys, name)
  return name
}

function documentShelf<Claims>(
  rules: { typ: string; read: (text: string) => Reading<Claims> },
  memory: Shelf<Read<Claims>>,
  signatures: EvidenceMemory['signatures'],
): DocumentShelf<Claims> {
  // What was not signed by anybody goes with this verification: strangers do not fill the memory.
  const here = new Map<string, Reading<Claims>>()
  const known = (text: string) => here.get(text) ?? memory.get(DECODED, text)
  return {
    known,
    read(text) {
      const before = known(text)
      if (before !== undefined) return before
      const reading = rules.read(text)
      here.set(text, reading)
      return reading
    },
    async signatureFault({ jws }, keys) {
      const scope = `${rules.typ} ${nameOfKeys(keys)}`
      if (signatures.get(scope, jws) === true) return undefined
      const [protectedPart = '', payloadPart = '', signaturePart = ''] = jws.split('.')
      const part = decodeSignedPart({ protectedPart, payloadPart, signaturePart }, rules.typ)
      if (part.kind === 'rejected') return part
      const fault = await verifySignedPart(part, keys)
      if (fault !== undefined) return fault
      signatures.set(scope, jws, true)
      const reading = here.get(jws)
      if (reading?.kind === 'read') memory.set(DECODED, jws, reading)
      return undefined
    },
  }
}

/** Builds the reader of one verification over a memory. */
export function createDocumentReader(memory: EvidenceMemory): DocumentReader {
  const { signatures } = memory
  return {
    configurations: documentShelf(
      { typ: TYP.entityStatement, read: readEntityConfiguration },
      memory.configurations,
      signatures,
    ),
    statements: documentShelf(
      { typ: TYP.entityStatement, read: readSubordinateStatement },
      memory.statements,
      signatures,
    ),
    records: documentShelf(
      { typ: TYP.assignmentRecord, read: readAssignmentRecord },
      memory.records,
      signatures,
    ),
    tokens: documentShelf({ typ: TYP.statusListToken, read: readStatusListToken }, memory.tokens, signatures),
    recognitionLists: documentShelf(
      { typ: TYP.recognitionList, read: readRecognitionList },
      memory.recognitionLists,
      signatures,
    ),
  }
}

/** A record found good, or why it is refused. */
export type RecordReading = Read<AssignmentRecord> | Rejected

/** As `verifyAssignmentRecord`: signed by one of the keys, and shaped as a record must be. */
export type VerifyRecord = (jws: string, keys: readonly PublicJwk[]) => Promise<RecordReading>

/** Builds a {@link VerifyRecord} that shares what it found good with the verifications over the same memory. */
export function createRecordVerifier(memory: EvidenceMemory): VerifyRecord {
  return async (jws, keys) => {
    const { records } = createDocumentReader(memory)
    const read = records.read(jws)
    return read.kind === 'rejected' ? read : ((await records.signatureFault(read, keys)) ?? read)
  }
}

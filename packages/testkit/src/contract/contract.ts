/** A schema as OpenAPI 3.1 has it: JSON Schema 2020-12, of which generators read this much. */
export interface Schema {
  readonly $ref?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>

/** What an operation may answer under one status. */
export interface PromisedAnswer {
  readonly description: string
  readonly content?: Content
}

/** A parameter of an operation. */
export interface Parameter {
  readonly in: 'path' | 'query' | 'header'
  readonly name: string
  readonly required?: boolean
  readonly schema?: Schema
}

/** One operation of a contract. */
export interface Operation {
  /** `POST /v1/desk/proposals` */
  readonly name: string
  readonly method: string
  readonly path: string
  /** What of the authorisation table it is; `public` is for everybody. */
  readonly action: string
  readonly parameters: readonly Parameter[]
  readonly bodies: Content
  readonly responses: Readonly<Record<string, PromisedAnswer>>
  /** The schema of each line, of an answer that is a stream of lines. */
  readonly line: Schema | undefined
  /** Of its last line, where that is another. */
  readonly lastLine: Schema | undefined
}

/** An OpenAPI 3.1 document, read for testing against. */
export interface Contract {
  readonly document: OpenApi
  readonly operations: readonly Operation[]
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>
}

interface RawOperation {
  readonly 'x-action': string
  readonly 'x-stream'?: { readonly response?: { readonly line?: Schema; readonly last_line?: Schema } }
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, PromisedAnswer>>
}

/** Reads the operations out of an OpenAPI document of this repository. */
export function readContract(given: object): Contract {
  const document = given as OpenApi
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      action: raw['x-action'],
      parameters: raw.parameters ?? [],
      bodies: raw.requestBody?.content ?? {},
      responses: raw.responses,
      line: raw['x-stream']?.response?.line,
      lastLine: raw['x-stream']?.response?.last_line,
    })),
  )
  return { document, operations }
}

/** Follows a reference within the document, as often as need be. */
export function follow(document: object, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const steps = schema.$ref.replace(/^#\//, '').split('/')
  const found = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], document)
  return follow(document, found as Schema)
}

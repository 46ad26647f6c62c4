export {
  JSON_DEPTH_MAX,
  JSON_LENGTH_MAX,
  parseStrictJson,
  StrictJsonError,
  type JsonFault,
} from './strict-json.ts'

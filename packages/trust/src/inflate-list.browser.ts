export { unpackStatusList as inflateList } from '@arc3088/records'

export { type FileSourceOptions, fileSource } from './file-source.js'
export { type GeneratedEvent, type GeneratorSourceOptions, generatorSource } from './generator-source.js'

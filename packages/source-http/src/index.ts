export * from './http-source.js'
export * from './publish-routes.js'
export type { PublishedMessage } from './published-message.js'

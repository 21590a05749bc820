export { type LmdbState, type LmdbStateOptions, openLmdbState } from './lmdb-state.js'

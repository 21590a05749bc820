export { type FirestoreStorageOptions, firestoreStorage } from './firestore-storage.js'

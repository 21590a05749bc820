export { eventOf, schemaOf } from '@eds/testkit'

/** Nx loads generators with `require`; ours is an ECMAScript module. */
module.exports = async (tree, options) => {
  const { driverGenerator } = await import('../dist/driver-generator.js')
  return driverGenerator(tree, options)
}

/** A module that is loaded when something of it is asked for. */
module.exports = (load) =>
  new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : load()[name]), has: (_, name) => name in load() });

import Module from "node:module";

// Pulumi's SDK loads modules for every program that only some use: a package manager and a compiler for serialised functions, a debugger
// session for the same purpose, the Automation API, trace exporters, and source maps, which type-stripped sources do not need. That costs
// each preview a third of a second and 60 MB, so this file loads them on first use. The SDK also sends three debug messages per
// registered resource to the Pulumi engine, which prints them only with `--debug`; this file drops them otherwise.

type Load = () => Readonly<Record<PropertyKey, unknown>>;

/** A module that is loaded when one of its exports is read. */
const lazily = (load: Load): unknown =>
  new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : load()[name]), has: (_, name) => name in load() });

/** A module whose exports are read at once, all of them classes and functions: it is loaded when one of them is called. */
const lazilyCalled = (load: Load): unknown =>
  new Proxy(
    {},
    {
      get: (_, name) => {
        const called = () => load()[name] as new (...words: unknown[]) => object;
        return new Proxy(class {}, {
          construct: (_, words) => Reflect.construct(called(), words),
          apply: (_, self, words) => Reflect.apply(called(), self, words),
        });
      },
    },
  );

/** The SDK's log without debug messages, unless they are wanted. Not a copy: modules in a circular import are read before they have all exports. */
function quiet(load: Load): unknown {
  if (process.env.BENCHBOX_DEBUG) return load();
  const log = load();
  return new Proxy(log, { get: (_, key) => (key === "debug" ? async () => {} : Reflect.get(log, key)) });
}

/** Replacements, by the name that the SDK requires. */
const replacements: Readonly<Record<string, (load: Load) => unknown>> = {
  "../../typescript-shim": lazily,
  "./closure/serializeClosure": lazilyCalled,
  "./closure/codePaths": lazilyCalled,
  "../log": quiet,
  "./automation": lazily,
  "../../runtime/closure/v8Hooks": () => ({ isInitializedAsync: async () => {} }), // its only purpose is to start the debugger early
  "source-map-support/register": () => ({}),
  "@opentelemetry/exporter-zipkin": lazilyCalled,
  "@opentelemetry/instrumentation": lazilyCalled,
  "@opentelemetry/instrumentation-grpc": lazilyCalled,
  "@opentelemetry/resources": lazilyCalled,
  "@opentelemetry/sdk-trace-base": lazilyCalled,
  "@opentelemetry/sdk-trace-node": lazilyCalled,
};

const { require } = Module.prototype;
Module.prototype.require = Object.assign(function (this: Module, name: string): unknown {
  const load = (): ReturnType<Load> => Reflect.apply(require, this, [name]);
  const replacement = this.filename?.includes("/@pulumi/pulumi/") ? replacements[name] : undefined;
  return replacement ? replacement(load) : load();
}, require);

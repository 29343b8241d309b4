import Module from "node:module";

// Pulumi's SDK loads, for every program, what only some programs use: a package manager and a compiler to serialise functions, a
// debugger that is told of each script for the same end, the Automation API, exporters of traces, and a mapping of stack traces to
// sources, which ours are by themselves. That costs each preview a third of a second and 60 MB. Here it is loaded when it is used.
// And it tells the engine three times of each resource that it registers, which the engine shows with `--debug` alone.

type Load = () => Readonly<Record<PropertyKey, unknown>>;

/** A module that is loaded when something of it is asked for. */
const lazily = (load: Load): unknown =>
  new Proxy({}, { get: (_, name) => (name === "__esModule" ? true : load()[name]), has: (_, name) => name in load() });

/** One of classes and functions that are taken out of it at once: it is loaded when one of them is called. */
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

/** The module itself, but for one function. Not a copy: modules that need each other are taken before they have all that they export. */
const withInstead = (module: object, name: string, instead: unknown): unknown =>
  new Proxy(module, { get: (_, asked) => (asked === name ? instead : Reflect.get(module, asked)) });

/** The SDK's log without what is shown with `--debug` alone. */
const quiet = (load: Load): unknown =>
  process.env.BENCHBOX_DEBUG ? load() : withInstead(load(), "debug", async () => {});

/** Looks for promises that leak, without a stack trace of each that is made. */
function untraced(load: Load): unknown {
  const module = load() as { debuggablePromise: (...words: unknown[]) => unknown };
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) return module;
  return withInstead(module, "debuggablePromise", (...words: unknown[]) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return module.debuggablePromise(...words);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });
}

/** What stands in, by the name that the SDK requires it by. */
const standIns: Readonly<Record<string, (load: Load) => unknown>> = {
  "../../typescript-shim": lazily,
  semver: lazily,
  "js-yaml": lazily,
  "./closure/serializeClosure": lazilyCalled,
  "./closure/codePaths": lazilyCalled,
  "../log": quiet,
  "./debuggable": untraced,
  "./automation": lazily,
  "../../runtime/closure/v8Hooks": () => ({ isInitializedAsync: async () => {} }), // only to have the debugger started early
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
  const standIn = this.filename?.includes("/@pulumi/pulumi/") ? standIns[name] : undefined;
  return standIn ? standIn(load) : load();
}, require);

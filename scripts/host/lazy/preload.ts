import module from "node:module";
import { join } from "node:path";

// Preloaded into the program by `scripts/host/pulumi`. Pulumi's SDK loads a package manager and a compiler, which it needs to serialise
// functions of a program; ours has none. They are loaded when they are used: else they cost each preview a quarter of a second and 45 MB.

const lazily: Readonly<Record<string, string>> = {
  "@npmcli/arborist": join(import.meta.dirname, "arborist.cjs"),
  typescript: join(import.meta.dirname, "typescript.cjs"),
};

// Node has it from 22.15 on; an older one, which some program that we start may run on, does without.
module.registerHooks?.({
  resolve(specifier, context, next) {
    const instead = context.parentURL?.includes("/@pulumi/pulumi/") ? lazily[specifier] : undefined;
    return next(instead ?? specifier, context);
  },
});

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { Entry, Surface } from "./surface.ts";

/** A property as its declaration has it: name, whether it may be absent, its type's text. */
interface Property {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}
/** Properties by the name of their interface or class, with its namespaces: "remote.ConnectionArgs". */
type Declarations = Map<string, Property[]>;

/** Reads an npm SDK out of its folder: tokens from the JavaScript, properties from the declarations beside it. */
export function sdkSurface(packageFolder: string): Surface {
  const types = {
    inputs: declarations(join(packageFolder, "types/input.d.ts")),
    outputs: declarations(join(packageFolder, "types/output.d.ts")),
  };
  const surface: Surface = new Map();
  for (const file of readdirSync(packageFolder, { recursive: true, encoding: "utf8" })) {
    const declarationFile = join(packageFolder, file.replace(/\.js$/, ".d.ts"));
    if (!file.endsWith(".js") || !existsSync(declarationFile)) continue;
    const code = readFileSync(join(packageFolder, file), "utf8");
    const declared = declarations(declarationFile);
    const resource = /__pulumiType = '(.+)'/.exec(code)?.[1];
    if (resource) surface.set(resource, resourceEntry(resource, declared));
    for (const [, token] of code.matchAll(/runtime\.(?:invoke|call)\("(.+?)"/g)) {
      if (token) surface.set(token, functionEntry(token, declared));
    }
  }
  return surface;

  function resourceEntry(token: string, declared: Declarations): Entry {
    // A provider's outputs are in its SDK's class only as far as they are strings, and nothing reads them.
    if (!token.includes(":")) return { inputs: paths("inputs", declared.get("ProviderArgs")), outputs: [] };
    const name = lastPart(token);
    const outputs = declared.get(name)?.filter((property) => property.type.startsWith("pulumi.Output<"));
    return { inputs: paths("inputs", declared.get(`${name}Args`)), outputs: paths("outputs", outputs) };
  }

  function functionEntry(token: string, declared: Declarations): Entry {
    const name = lastPart(token).replace(/^./, (letter) => letter.toUpperCase());
    return {
      inputs: paths("inputs", declared.get(`${name}Args`)),
      outputs: paths("outputs", declared.get(`${name}Result`) ?? declared.get(`Provider.${name}Result`)),
    };
  }

  function paths(side: "inputs" | "outputs", properties: Property[] = []): string[] {
    return properties.flatMap((property) => {
      const own = property.name + (side === "inputs" && property.optional ? "?" : "");
      const nested = new RegExp(`${side}\\.([\\w.]+)`).exec(property.type)?.[1];
      return [own, ...(nested ? paths(side, types[side].get(nested)).map((path) => `${own}.${path}`) : [])];
    });
  }
}

/** "docker:index/container:Container" is a Container, "pulumi:providers:docker/terraformConfig" a terraformConfig. */
function lastPart(token: string): string {
  return token.slice(Math.max(token.lastIndexOf(":"), token.lastIndexOf("/")) + 1);
}

function declarations(file: string): Declarations {
  const found: Declarations = new Map();
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  collect(source, "");
  return found;

  function collect(node: ts.Node, namespace: string): void {
    if (ts.isModuleDeclaration(node) && node.body) {
      for (const child of (node.body as ts.ModuleBlock).statements) collect(child, `${namespace}${node.name.text}.`);
    } else if (ts.isInterfaceDeclaration(node) || (ts.isClassDeclaration(node) && node.name)) {
      const members = [...node.members].filter(
        (member) => ts.isPropertySignature(member) || ts.isPropertyDeclaration(member),
      );
      found.set(`${namespace}${node.name?.text}`, members.map(toProperty));
    } else {
      node.forEachChild((child) => collect(child, namespace));
    }
  }

  function toProperty(member: ts.PropertySignature | ts.PropertyDeclaration): Property {
    const type = member.type?.getText(source) ?? "";
    return {
      name: member.name.getText(source),
      optional: member.questionToken !== undefined,
      type,
    };
  }
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isClassDeclaration,
  isInterfaceDeclaration,
  isModuleBlock,
  isModuleDeclaration,
  isPropertyDeclaration,
  isPropertySignatureDeclaration,
  type Node,
  type PropertyDeclaration,
  type PropertySignatureDeclaration,
  type SourceFile,
  SyntaxKind,
} from "typescript-7/unstable/ast";
import { API } from "typescript-7/unstable/sync";
import type { Entry, Surface } from "./surface.ts";

/** A declared property, with the text of its type. */
interface Property {
  readonly name: string;
  readonly optional: boolean;
  readonly type: string;
}
/** Properties by the qualified name of their interface or class: "remote.ConnectionArgs". */
type Declarations = Map<string, Property[]>;

/** Reads the surface of a package from its npm SDK: tokens from the JavaScript, properties from the declarations next to it. */
export function sdkSurface(packageFolder: string): Surface {
  const files = readdirSync(packageFolder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".js"))
    .map((file) => ({ code: join(packageFolder, file), types: join(packageFolder, file.replace(/\.js$/, ".d.ts")) }))
    .filter(({ types }) => existsSync(types));
  const sources = parse(files.map(({ types }) => types));
  const declaredIn = (file: string): Declarations => declarations(sources.get(file) as SourceFile);
  const types = {
    inputs: declaredIn(join(packageFolder, "types/input.d.ts")),
    outputs: declaredIn(join(packageFolder, "types/output.d.ts")),
  };
  const surface: Surface = new Map();
  for (const file of files) {
    const code = readFileSync(file.code, "utf8");
    const declared = declaredIn(file.types);
    const resource = /__pulumiType = '(.+)'/.exec(code)?.[1];
    if (resource) surface.set(resource, resourceEntry(resource, declared));
    for (const [, token] of code.matchAll(/runtime\.(?:invoke|call)\("(.+?)"/g)) {
      if (token) surface.set(token, functionEntry(token, declared));
    }
  }
  return surface;

  function resourceEntry(token: string, declared: Declarations): Entry {
    // The SDK's class only has those outputs of a provider that are strings, and nothing reads them.
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

/** The last part of a token, after ':' or '/': "docker:index/container:Container", "pulumi:providers:docker/terraformConfig". */
function lastPart(token: string): string {
  return token.slice(Math.max(token.lastIndexOf(":"), token.lastIndexOf("/")) + 1);
}

/** Parses files into syntax trees by file name, and stops the compiler's process. */
function parse(files: readonly string[]): ReadonlyMap<string, SourceFile> {
  const compiler = new API();
  try {
    const snapshot = compiler.updateSnapshot({ openFiles: [...files] });
    return new Map(
      files.map((file) => {
        const source = snapshot.getDefaultProjectForFile(file)?.program.getSourceFile(file);
        if (source === undefined) throw new Error(`the compiler did not read ${file}`);
        return [file, source];
      }),
    );
  } finally {
    compiler.close();
  }
}

function declarations(source: SourceFile): Declarations {
  const found: Declarations = new Map();
  collect(source, "");
  return found;

  function collect(node: Node, namespace: string): void {
    if (isModuleDeclaration(node) && node.body && isModuleBlock(node.body)) {
      for (const child of node.body.statements) collect(child, `${namespace}${node.name.text}.`);
    } else if (isInterfaceDeclaration(node) || (isClassDeclaration(node) && node.name)) {
      const members = [...node.members].filter(
        (member) => isPropertySignatureDeclaration(member) || isPropertyDeclaration(member),
      );
      found.set(`${namespace}${node.name?.text}`, members.map(toProperty));
    } else {
      node.forEachChild((child) => collect(child, namespace));
    }
  }

  function toProperty(member: PropertySignatureDeclaration | PropertyDeclaration): Property {
    return {
      name: member.name.getText(source),
      optional: member.postfixToken?.kind === SyntaxKind.QuestionToken,
      type: member.type?.getText(source) ?? "",
    };
  }
}

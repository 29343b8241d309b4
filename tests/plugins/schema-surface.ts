import type { Surface } from "./surface.ts";

/** The compared part of a Pulumi package schema. */
export interface Schema {
  readonly name: string;
  readonly types?: Record<string, ObjectSpec>;
  readonly provider?: ResourceSpec;
  readonly resources?: Record<string, ResourceSpec>;
  readonly functions?: Record<string, { readonly inputs?: ObjectSpec; readonly outputs?: ObjectSpec }>;
  readonly config?: unknown;
}
interface PropertySpec {
  readonly $ref?: string;
  readonly items?: PropertySpec;
  readonly additionalProperties?: PropertySpec;
}
interface ObjectSpec {
  readonly properties?: Record<string, PropertySpec>;
  readonly required?: readonly string[];
}
interface ResourceSpec extends ObjectSpec {
  readonly inputProperties?: Record<string, PropertySpec>;
  readonly requiredInputs?: readonly string[];
}

/** Reads the surface of a package from its schema, as `sdkSurface` does from the SDK that is generated from it. */
export function schemaSurface(schema: Schema): Surface {
  const surface: Surface = new Map();
  surface.set(schema.name, { inputs: inputPaths(inputsOf(schema.provider ?? {})), outputs: [] });
  for (const [token, resource] of Object.entries(schema.resources ?? {})) {
    surface.set(token, { inputs: inputPaths(inputsOf(resource)), outputs: outputPaths(resource) });
  }
  for (const [token, { inputs = {}, outputs = {} }] of Object.entries(schema.functions ?? {})) {
    // A method's own provider is an input in the schema and an object in the SDK.
    const { __self__, ...properties } = inputs.properties ?? {};
    surface.set(token, { inputs: inputPaths({ ...inputs, properties }), outputs: outputPaths(outputs) });
  }
  return surface;

  function inputPaths({ properties = {}, required = [] }: ObjectSpec): string[] {
    return Object.entries(properties).flatMap(([name, property]) => {
      const own = name + (required.includes(name) ? "" : "?");
      return [own, ...inputPaths(objectOf(property)).map((path) => `${own}.${path}`)];
    });
  }

  function outputPaths(object: ObjectSpec): string[] {
    return inputPaths(object).map((path) => path.replaceAll("?", ""));
  }

  function objectOf(property: PropertySpec): ObjectSpec {
    const element = property.items ?? property.additionalProperties;
    if (element) return objectOf(element);
    return schema.types?.[property.$ref?.replace(/^#\/types\//, "") ?? ""] ?? {};
  }
}

function inputsOf({ inputProperties = {}, requiredInputs = [] }: ResourceSpec): ObjectSpec {
  return { properties: inputProperties, required: requiredInputs };
}

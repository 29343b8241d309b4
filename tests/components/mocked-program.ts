import * as pulumi from "@pulumi/pulumi";

/** A resource as a program registered it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Runs `program` against stand-ins for the engine and the plugins and returns what it registered. Every kind of resource
 * must have its outputs in `outputs`, by type; another one fails the test.
 *
 * @param preview as in a preview: what a resource gives is not known
 */
export async function registeredBy(
  program: () => unknown,
  outputs: Readonly<Record<string, Record<string, unknown>>>,
  preview = false,
): Promise<Registered[]> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        const given = outputs[type];
        if (given === undefined && !type.startsWith("benchbox:")) throw new Error(`no stand-in for ${type}`);
        return { id: preview ? "" : `${name}-id`, state: { ...inputs, ...(preview ? {} : given) } };
      },
      call: ({ token }) => {
        throw new Error(`no stand-in for the call ${token}`);
      },
    },
    "benchbox",
    "test",
    preview,
  );
  await program();
  await allRegistrations();
  return registered;
}

/** The SDK has this for its own end of a program; its type declarations leave it out. */
const { waitForRPCs: allRegistrations } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };

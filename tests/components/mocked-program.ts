import * as pulumi from "@pulumi/pulumi";

/** A registered resource. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Runs `program` with Pulumi's mocks instead of the engine and providers, and returns the registered resources. `outputs` must have the
 * outputs of each type; a resource of another type fails the test.
 *
 * @param preview whether to run as a preview, in which outputs are unknown
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

/** The SDK calls this at the end of a program; its type declarations omit it. */
const { waitForRPCs: allRegistrations } = pulumi.runtime as unknown as { waitForRPCs(): Promise<void> };

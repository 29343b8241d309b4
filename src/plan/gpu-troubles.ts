/** What a person should know of a box whose GPUs do not work. */
export function gpuTroubles({
  lostGpus,
  otherDriver,
}: {
  readonly lostGpus?: string | undefined;
  readonly otherDriver?: string | undefined;
}): string[] {
  return [
    ...(lostGpus === undefined ? [] : [loss(lostGpus)]),
    ...(otherDriver === undefined
      ? []
      : [
          `The GPUs do not work in the box: "${otherDriver}". The machine's driver was updated while it was in use, and no restart ` +
            "of the box mends that: restart the machine (sudo systemctl reboot), or end what uses the GPUs and load the driver anew.",
        ]),
  ];
}

function loss(lostGpus: string): string {
  const again = lostGpus.includes("NVML")
    ? " That it happens again is avoided by CDI devices: see docs/operations.md, GPUs."
    : "";
  return `The box has lost its GPUs: "${lostGpus}". An update restarts the same container, which gives them back and ends what runs in it.${again}`;
}

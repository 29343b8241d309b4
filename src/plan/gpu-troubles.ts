/** Warnings about a box whose GPUs do not work. */
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
          `the box cannot use its GPUs: "${otherDriver}". The host's driver was updated while in use; restarting the box does not fix ` +
            "that.\n  Fix: restart the host (sudo systemctl reboot), or end the programs that use the GPUs and reload the driver",
        ]),
  ];
}

function loss(lostGpus: string): string {
  const prevention = lostGpus.includes("NVML")
    ? " CDI devices prevent this from happening again: see docs/operations.md, GPUs."
    : "";
  const plan = "`up` restarts the same container, which restores them and ends the programs in it.";
  return `the box has lost its GPUs: "${lostGpus}". ${plan}${prevention}`;
}

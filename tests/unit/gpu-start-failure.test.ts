import assert from "node:assert/strict";
import { test } from "node:test";
import { explainGpuStart, formatGpuStartFailure } from "../../src/plan/gpu-start-failure.ts";

const stopsContainers =
  /^sudo systemctl restart docker \(rootless: systemctl --user restart docker\), which stops running containers unless live-restore is on/;
const runc26 =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
  "unable to start container process: error during container init: ";
const hook26 = `${runc26}error running hook #0: error running hook: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'\n`;
const hook28 = `${runc26}error running prestart hook #0: exit status 1, stdout: , stderr: Auto-detected mode as `;

/** `State.Error` of a container, by engine. The output of NVIDIA's hook is from the issues named. */
const messages: readonly (readonly [engine: string, what: string, message: string, why: RegExp, fix: RegExp])[] = [
  [
    "20.10",
    "no toolkit when the engine started",
    'could not select device driver "" with capabilities: [[gpu]]',
    /found no NVIDIA Container Toolkit when it started/,
    stopsContainers,
  ],
  [
    "20.10",
    "CDI devices on an engine without CDI",
    'could not select device driver "cdi" with capabilities: []',
    /^CDI is off/,
    /"cdi": true/,
  ],
  [
    "20.10",
    "driver not loaded (NVIDIA/nvidia-docker#1629)",
    "OCI runtime create failed: container_linux.go:380: starting container process caused: process_linux.go:545: container init " +
      "caused: Running hook #0:: error running hook: exit status 1, stdout: , stderr: nvidia-container-cli: initialization error: " +
      "nvml error: driver not loaded: unknown",
    /driver is not loaded/,
    /^sudo modprobe nvidia/,
  ],
  [
    "20.10",
    "a GPU that is not there (NVIDIA/nvidia-docker#1283)",
    "OCI runtime create failed: container_linux.go:367: starting container process caused: process_linux.go:495: container init " +
      "caused: Running hook #0:: error running hook: exit status 1, stdout: , stderr: nvidia-container-cli: device error: 1: unknown " +
      "device: unknown",
    /^there is no GPU 1$/,
    /nvidia-smi -L/,
  ],
  [
    "26.1",
    "a list of GPUs, without a toolkit when the engine started",
    'could not select device driver "nvidia" with capabilities: [[gpu]]',
    /found no NVIDIA Container Toolkit when it started/,
    stopsContainers,
  ],
  [
    "26.1",
    "a device in no specification",
    "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=7",
    /^no CDI specification has nvidia\.com\/gpu=7$/,
    /^sudo nvidia-ctk cdi generate --output=\/etc\/cdi\/nvidia\.yaml;/,
  ],
  [
    "26.1",
    "a specification with a library that is gone",
    `${runc26}error mounting "/usr/lib/x86_64-linux-gnu/libcuda.so.570.133.20" to rootfs at ` +
      '"/usr/lib/x86_64-linux-gnu/libcuda.so.570.133.20": create mount destination for ' +
      "/usr/lib/x86_64-linux-gnu/libcuda.so.570.133.20 mount: bind mount source stat: stat " +
      "/usr/lib/x86_64-linux-gnu/libcuda.so.570.133.20: no such file or directory: unknown",
    /names \/usr\/lib\/x86_64-linux-gnu\/libcuda\.so\.570\.133\.20, which does not exist/,
    /^sudo nvidia-ctk cdi generate .*grep -rl \/usr\/lib\/x86_64-linux-gnu\/libcuda\.so\.570\.133\.20 \/etc\/cdi/,
  ],
  [
    "26.1",
    "a specification with a hook's program that is gone",
    `${runc26}error running hook #0: fork/exec /usr/bin/nvidia-cdi-hook: no such file or directory: unknown`,
    /names \/usr\/bin\/nvidia-cdi-hook, which does not exist/,
    /^sudo nvidia-ctk cdi generate/,
  ],
  [
    "26.1",
    "a specification with a device of a module that is not loaded",
    'CDI device injection failed: failed to inject devices: failed to stat CDI host device "/dev/nvidia-uvm": no such file or directory',
    /module for it is not loaded/,
    /^sudo nvidia-modprobe/,
  ],
  [
    "26.1",
    "a specification with a device that is gone",
    'CDI device injection failed: failed to inject devices: failed to stat CDI host device "/dev/dri/card1": no such file or directory',
    /names \/dev\/dri\/card1, which does not exist/,
    /^sudo nvidia-ctk cdi generate/,
  ],
  [
    "28.5",
    "a driver too old for the image (MauriceNino/dashdot#1226)",
    `${hook28}'legacy'\nnvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a newer ` +
      "version, or use an earlier cuda container: unknown",
    /too old for the image, which requires cuda>=12\.8$/,
    /newer driver/,
  ],
  [
    "26.1",
    "no driver",
    `${hook26}nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory: unknown`,
    /not loaded or not installed/,
    /modprobe/,
  ],
  [
    "28.5",
    "a hook that is set up for CDI",
    `${hook28}'cdi'\n` +
      "invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is not supported. Please use the " +
      "NVIDIA Container Runtime (e.g. specify the --runtime=nvidia flag) instead: unknown",
    /set up for CDI/,
    /mode: cdi/,
  ],
  [
    "26.1",
    "a list with a GPU that is not there",
    `${hook26}nvidia-container-cli: device error: 7: unknown device: unknown`,
    /^there is no GPU 7$/,
    /nvidia-smi -L/,
  ],
  [
    "26.1",
    "a toolkit that was removed after the engine started",
    'exec: "nvidia-container-runtime-hook": executable file not found in $PATH',
    /removed after the Docker Engine started/,
    /install-guide/,
  ],
  [
    "29",
    "no toolkit when the engine started, and no specification",
    "failed to discover GPU vendor from CDI: no known GPU vendor found",
    /found no NVIDIA Container Toolkit when it started/,
    stopsContainers,
  ],
  [
    "29",
    "no toolkit when the engine started, and NVIDIA's specification",
    "AMD CDI spec not found",
    /found no NVIDIA Container Toolkit when it started/,
    /^set benchbox:gpu to mode: cdi, or: sudo systemctl restart docker/,
  ],
  [
    "29",
    "a device in no specification",
    "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=7",
    /^no CDI specification has nvidia\.com\/gpu=7$/,
    /^sudo nvidia-ctk cdi generate --output=\/etc\/cdi\/nvidia\.yaml;/,
  ],
  [
    "29",
    "a specification with a library that is gone",
    `${runc26}failed to fulfil mount request: open /usr/lib/x86_64-linux-gnu/libcuda.so.570.133.20: no such file or directory`,
    /names \/usr\/lib\/x86_64-linux-gnu\/libcuda\.so\.570\.133\.20, which does not exist/,
    /^sudo nvidia-ctk cdi generate/,
  ],
  [
    "29",
    "a specification with a hook's program that is gone",
    `${runc26}error running createContainer hook #0: fork/exec /usr/bin/nvidia-cdi-hook: no such file or directory`,
    /names \/usr\/bin\/nvidia-cdi-hook, which does not exist/,
    /^sudo nvidia-ctk cdi generate/,
  ],
  [
    "29",
    "a specification with a device of a module that is not loaded",
    'CDI device injection failed: failed to inject devices: failed to stat CDI host device "/dev/nvidia-uvm": no such file or directory',
    /module for it is not loaded/,
    /^sudo nvidia-modprobe/,
  ],
  [
    "29",
    "a list with a GPU that is not there",
    `${hook28}'legacy'\nnvidia-container-cli: device error: 7: unknown device`,
    /^there is no GPU 7$/,
    /nvidia-smi -L/,
  ],
  [
    "29",
    "a toolkit that was removed after the engine started",
    'exec: "nvidia-container-runtime-hook": executable file not found in $PATH',
    /removed after the Docker Engine started/,
    /install-guide/,
  ],
  [
    "29",
    "nvidia-cdi-hook, and CDI switched off",
    'no CDI device driver registered: could not select device driver "" with capabilities: [[gpu]]',
    /^CDI is off/,
    /"cdi": false/,
  ],
  [
    "29",
    "nvidia-cdi-hook, and no specification",
    "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all",
    /^no CDI specification has nvidia\.com\/gpu=all$/,
    /nvidia-ctk cdi generate/,
  ],
];

for (const [engine, what, message, why, fix] of messages) {
  test(`Docker ${engine}: ${what} is explained with its fix`, () => {
    const failure = explainGpuStart(message);
    assert.match(failure?.why ?? "", why);
    assert.match(failure?.fix ?? "", fix);
  });
}

test("a start that failed for another reason is not blamed on GPUs", () => {
  for (const mount of [
    'error mounting "/data" to rootfs at "/data": stat /data: no such file or directory: unknown',
    "failed to fulfil mount request: open /data: no such file or directory",
  ]) {
    assert.equal(explainGpuStart(runc26 + mount, ["/data"]), undefined, "a folder of the stack's own");
  }
  const port =
    "driver failed programming external connectivity on endpoint box: Bind for 127.0.0.1:22022 failed: port is already allocated";
  for (const message of ["", port]) assert.equal(explainGpuStart(message), undefined);
});

test("the report names the container, why it did not start, and the fix", () => {
  assert.equal(
    formatGpuStartFailure(
      "benchbox-dev",
      "CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all",
      [],
    ),
    "benchbox: container benchbox-dev did not start: no CDI specification has nvidia.com/gpu=all\n" +
      "  Fix: sudo nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml; to list the devices: nvidia-ctk cdi list; then run this again",
  );
  assert.equal(formatGpuStartFailure("benchbox-dev", "", []), undefined);
});

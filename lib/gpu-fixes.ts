/** Commands that fix what keeps an engine from giving GPUs, for every message that names them. */

export const toolkitGuide =
  "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html";

export const restartEngine = "sudo systemctl restart docker (this stops running containers, unless live-restore is on)";

/** Writes a CDI specification of the driver and the GPUs that are there. @param file where to */
export const generateCdi = (file = "/etc/cdi/nvidia.yaml"): string => `sudo nvidia-ctk cdi generate --output=${file}`;

/** https://docs.docker.com/engine/release-notes/: CDI came with 25, as an experiment, and is on from 28.2 on. */
export const enableCdi =
  'Docker 28.2 or newer without "features": {"cdi": false} in /etc/docker/daemon.json (25 to 28.1: with "features": {"cdi": true})';

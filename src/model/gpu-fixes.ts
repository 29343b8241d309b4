/** Fixes for an engine that does not give GPUs to containers, in the words of every message that has them. */

export const toolkitGuide =
  "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html";

export const restartEngine =
  "sudo systemctl restart docker (rootless: systemctl --user restart docker), which stops running containers unless live-restore is on";

/** The command that writes a CDI specification of the installed driver and GPUs. */
export const generateCdi = (file = "/etc/cdi/nvidia.yaml"): string => `sudo nvidia-ctk cdi generate --output=${file}`;

/** https://docs.docker.com/engine/release-notes/: CDI came with 25, as an experiment, and is on from 28.2 on. */
export const enableCdi =
  'Docker 28.2 or newer without "features": {"cdi": false} in /etc/docker/daemon.json (25 to 28.1: with "features": {"cdi": true})';

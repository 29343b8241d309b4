/** Fixes for a Docker Engine that does not give GPUs to containers, shared by all messages. */

export const toolkitGuide =
  "https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/install-guide.html";

export const restartEngine =
  "sudo systemctl restart docker (rootless: systemctl --user restart docker), which stops running containers unless live-restore is on";

/** The command that generates a CDI specification for the installed driver and GPUs. */
export const generateCdi = (file = "/etc/cdi/nvidia.yaml"): string => `sudo nvidia-ctk cdi generate --output=${file}`;

/** CDI is experimental from Docker 25 on, and enabled by default from 28.2 on (https://docs.docker.com/engine/release-notes/). */
export const enableCdi =
  'Docker 28.2 or newer without "features": {"cdi": false} in /etc/docker/daemon.json (25 to 28.1: with "features": {"cdi": true})';

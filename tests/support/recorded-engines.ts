/**
 * The relevant parts of `docker info` of real Docker Engines, recorded on 2026-11-30 with Debian's packages. The comments give the settings
 * in `daemon.json`.
 */
export const recordedEngines = {
  plain: {
    ServerVersion: "28.5.2+dfsg4",
    Driver: "overlay2",
    DriverStatus: [
      ["Backing Filesystem", "extfs"],
      ["Supports d_type", "true"],
    ],
    DockerRootDir: "/mnt/data",
    SecurityOptions: ["name=seccomp,profile=builtin"],
    Containerd: { Address: "/var/run/docker/containerd/containerd.sock" },
    IndexServerAddress: "https://index.docker.io/v1/",
  },
  /** `"userns-remap": "default"`, and `dockremap:100000:65536` in /etc/subuid. */
  remapped: {
    ServerVersion: "28.5.2+dfsg4",
    Driver: "overlay2",
    DriverStatus: [["Backing Filesystem", "extfs"]],
    DockerRootDir: "/mnt/data/100000.100000",
    SecurityOptions: ["name=seccomp,profile=builtin", "name=userns"],
    Containerd: { Address: "/var/run/docker/containerd/containerd.sock" },
  },
  /** dockerd-rootless.sh as uid 2000, with 200000:65536 in /etc/subuid, on a kernel with cgroup v1. */
  rootless: {
    ServerVersion: "28.5.2+dfsg4",
    Driver: "overlay2",
    DriverStatus: [["userxattr", "true"]],
    DockerRootDir: "/home/me/.local/share/docker",
    SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless"],
    Containerd: { Address: "/run/user/2000/docker/containerd/containerd.sock" },
    CgroupDriver: "none",
    CpuCfsQuota: false,
    MemoryLimit: false,
    SwapLimit: false,
    PidsLimit: false,
  },
  /** `"containerd-snapshotter": true`, with a containerd of the host. */
  machinesContainerd: {
    ServerVersion: "28.5.2+dfsg4",
    Driver: "overlayfs",
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
    DockerRootDir: "/mnt/data",
    SecurityOptions: ["name=seccomp,profile=builtin"],
    Containerd: { Address: "/run/containerd/containerd.sock" },
  },
  /** The same without a containerd of the host: dockerd starts its own. */
  ownContainerd: {
    ServerVersion: "28.5.2+dfsg4",
    Driver: "overlayfs",
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
    DockerRootDir: "/mnt/data",
    SecurityOptions: ["name=seccomp,profile=builtin"],
    Containerd: { Address: "/var/run/docker/containerd/containerd.sock" },
  },
  /** The same as `ownContainerd` on 26.1.5, which does not report which containerd it uses. */
  silentContainerd: {
    ServerVersion: "26.1.5+dfsg1",
    Driver: "overlayfs",
    DriverStatus: [["driver-type", "io.containerd.snapshotter.v1"]],
    DockerRootDir: "/mnt/data",
    SecurityOptions: ["name=seccomp,profile=builtin"],
  },
} as const;

/** The answers of Podman's socket to `docker info` and `docker version`, in bookworm and in sid. */
export const recordedPodmans = [
  {
    info: {
      Driver: "overlay",
      DockerRootDir: "/var/lib/containers/storage",
      IndexServerAddress: "",
      ServerVersion: "4.3.1",
    },
    components: ["Podman Engine", "Conmon", "OCI Runtime (crun)", "Engine"],
  },
  {
    info: {
      Driver: "overlay",
      DockerRootDir: "/var/lib/containers/storage",
      IndexServerAddress: "",
      ServerVersion: "5.8.6",
    },
    components: ["Podman Engine", "Conmon", "OCI Runtime (crun)", "Engine"],
  },
] as const;

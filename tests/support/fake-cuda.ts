import { execFileSync } from "node:child_process";
import { docker } from "./clone.ts";
import { makeBase } from "./make-base.ts";

/** The base image of the requirements, without its registry. */
export const cudaPath = "nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04";

/** The environment of NVIDIA's image, from its Dockerfiles on Docker Hub. */
export const cudaEnvironment = {
  PATH: "/usr/local/nvidia/bin:/usr/local/cuda/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LD_LIBRARY_PATH: "/usr/local/cuda/lib64",
  LIBRARY_PATH: "/usr/local/cuda/lib64/stubs",
  NVARCH: "x86_64",
  NVIDIA_REQUIRE_CUDA: "cuda>=12.8 brand=unknown,driver>=470,driver<471",
  NVIDIA_VISIBLE_DEVICES: "all",
  CUDA_VERSION: "12.8.1",
  NV_CUDNN_VERSION: "9.8.0.87-1",
  NV_CUDNN_PACKAGE: "libcudnn9-cuda-12=9.8.0.87-1",
} as const;

/**
 * Pushes a fake of NVIDIA's image to a registry, under the name in the requirements: Debian trixie with that image's environment and
 * labels, and with Ubuntu's user `ubuntu`, uid 1000. No Docker Engine keeps a name for it.
 *
 * @returns the digest of its config, which is its id on a Docker Engine with overlay2
 */
export async function publishFakeCuda(registry: string): Promise<string> {
  const name = `${registry}/${cudaPath}`;
  const lines = [
    `FROM ${makeBase("trixie")}`,
    ...Object.entries(cudaEnvironment).map(([key, value]) => `ENV ${key}="${value}"`),
    "ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    'LABEL maintainer="fake of the tests" org.opencontainers.image.version="24.04"',
    // This label would identify a base that was created here.
    "LABEL benchbox.base=",
    "RUN useradd --uid 1000 --create-home --shell /bin/bash ubuntu",
    'CMD ["/bin/bash"]',
  ];
  execFileSync("docker", ["build", "--quiet", "--tag", name, "-"], {
    input: lines.join("\n"),
    env: { ...process.env, DOCKER_BUILDKIT: "0" }, // BuildKit requires a plugin of the client that may be missing
    stdio: ["pipe", "ignore", "pipe"],
  });
  docker("push", "--quiet", name);
  docker("image", "rm", name);
  return configDigest(registry, ...(cudaPath.split(":") as [string, string]));
}

/** The digest of an image's config in a registry. A Docker Engine would report an id that depends on its image store. */
async function configDigest(registry: string, path: string, tag: string): Promise<string> {
  const accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
  const manifest = await fetch(`http://${registry}/v2/${path}/manifests/${tag}`, { headers: { accept } });
  const { config } = (await manifest.json()) as { config: { digest: string } };
  return config.digest;
}

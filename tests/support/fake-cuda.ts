import { execFileSync } from "node:child_process";
import { docker } from "./clone.ts";
import { makeBase } from "./make-base.ts";

/** The requirements' base, without its registry. */
export const cudaPath = "nvidia/cuda:12.8.1-cudnn-devel-ubuntu24.04";

/** What the settings of NVIDIA's image give to every process, as its Dockerfiles on Docker Hub have them. */
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
 * Puts a fake of NVIDIA's image into a registry under the requirements' name: Debian trixie with that image's
 * environment and labels, and with Ubuntu's user `ubuntu` at 1000. No engine keeps a name of it.
 *
 * @returns the digest of its config, which is its id on an engine with overlay2
 */
export async function publishFakeCuda(registry: string): Promise<string> {
  const name = `${registry}/${cudaPath}`;
  const lines = [
    `FROM ${makeBase("trixie")}`,
    ...Object.entries(cudaEnvironment).map(([key, value]) => `ENV ${key}="${value}"`),
    "ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility",
    'LABEL maintainer="fake of the tests" org.opencontainers.image.version="24.04"',
    // A base that was made here would be known by this label.
    "LABEL benchbox.base=",
    "RUN useradd --uid 1000 --create-home --shell /bin/bash ubuntu",
    'CMD ["/bin/bash"]',
  ];
  execFileSync("docker", ["build", "--quiet", "--tag", name, "-"], {
    input: lines.join("\n"),
    env: { ...process.env, DOCKER_BUILDKIT: "0" }, // BuildKit wants a part of the client that not everybody has
    stdio: ["pipe", "ignore", "pipe"],
  });
  docker("push", "--quiet", name);
  docker("image", "rm", name);
  return configDigest(registry, ...(cudaPath.split(":") as [string, string]));
}

/** What a registry has under a name, without asking an engine, whose ids depend on its image store. */
async function configDigest(registry: string, path: string, tag: string): Promise<string> {
  const accept = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json";
  const manifest = await fetch(`http://${registry}/v2/${path}/manifests/${tag}`, { headers: { accept } });
  const { config } = (await manifest.json()) as { config: { digest: string } };
  return config.digest;
}

/** @file What `copydesk doctor` knows of a machine. Plain data: found by `gather-facts.ts`, judged by `findings.ts`. */
import type { TensorflowProbe } from '../../training/index.js';

export type { TensorflowProbe };

/** A model run by one provider. */
export type ProviderProbe =
  | {
      readonly works: true;
      /** What really computed; not the one asked for where the runtime passed it over. */
      readonly provider: string;
      /** Operations by provider. */
      readonly operations?: Readonly<Record<string, number>> | undefined;
      readonly textsPerSecond: number;
    }
  | { readonly works: false; readonly reason: string };

export type MachineFacts = {
  readonly node: {
    readonly version: string;
    /** Lowest major version that the package asks for. */
    readonly needed: number;
    readonly platform: string;
    readonly arch: string;
    /** `undefined` where the C library is another, as on Alpine. */
    readonly glibc: string | undefined;
  };
  readonly npm: {
    /** `undefined` where there is no npm. */
    readonly version: string | undefined;
    readonly ignoreScripts: boolean;
    /** `onnxruntime-node-install` of .npmrc or the environment: `skip`, `cuda12`. */
    readonly runtimeInstall: string | undefined;
  };
  readonly runtime:
    | { readonly loads: true; readonly version: string; readonly providers: readonly string[] }
    | { readonly loads: false; readonly reason: string };
  readonly cpu: {
    readonly model: string;
    readonly cores: number;
    /** What a container may use of them. */
    readonly allowed: number | undefined;
    /** As /proc/cpuinfo has them; empty where that is not to be had. */
    readonly flags: readonly string[];
    readonly probe: ProviderProbe;
  };
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number; readonly allowed: number | undefined };
  readonly cuda: {
    /** `undefined` where no NVIDIA driver answers. */
    readonly driver: string | undefined;
    readonly cards: readonly string[];
    /** Path of libonnxruntime_providers_cuda.so. */
    readonly provider: string | undefined;
    /** Libraries that it wants, or that CUDA programs usually want, and where they are. */
    readonly libraries: readonly { readonly name: string; readonly path: string | undefined }[];
    /** `undefined` where it was not tried: no provider library. */
    readonly probe: ProviderProbe | undefined;
  };
  readonly webgpu: { readonly probe: ProviderProbe };
  readonly tensorflow: {
    readonly package: string | undefined;
    /** Whether its native library is there. */
    readonly addon: boolean;
    /** `undefined` where it was not tried: no library. */
    readonly probe: TensorflowProbe | undefined;
  };
  /** Bytes free. */
  readonly disk: { readonly here: number; readonly temporary: number | undefined };
  readonly models: readonly { readonly folder: string; readonly name?: string; readonly problem?: string; readonly fix?: string }[];
  readonly port: { readonly number: number; readonly problem: string | undefined };
  readonly clock: {
    /** ISO 8601, UTC. */ readonly now: string /** When the newest model that ships with the package was made. */;
    readonly notBefore: string | undefined;
  };
};

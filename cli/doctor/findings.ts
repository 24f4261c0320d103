/** @file What a machine can do, and how to get what is missing: facts in, sentences out. Pure. */
import { cudaFindings } from './cuda-findings.js';
import { type Finding, gib, type Judge, round, share, speed } from './finding.js';
import type { MachineFacts } from './machine-facts.js';
import { tensorflowFindings } from './tensorflow-findings.js';

/** In the order in which a person should read. */
export function findings(facts: MachineFacts): readonly Finding[] {
  return topics.flatMap((topic) => findingsOn(topic, facts[topic], facts));
}

/** @param all where a topic is judged by others too: their facts */
export function findingsOn<K extends keyof MachineFacts>(
  topic: K,
  facts: MachineFacts[K],
  all: Partial<MachineFacts> = {},
): readonly Finding[] {
  return judges[topic](facts, all).map((finding) => ({ topic, ...finding }));
}

const judges: { readonly [K in keyof MachineFacts]: Judge<K> } = {
  node({ version, needed, platform, arch, glibc }) {
    const all: Omit<Finding, 'topic'>[] = [];
    const old = Number(version.split('.')[0]) < needed;
    const node = `Node ${version} on ${platform} ${arch}`;
    if (old) all.push({ state: 'wrong', text: `${node}: too old`, fix: `install Node ${needed} or later from https://nodejs.org.` });
    else all.push({ state: 'ok', text: node });
    if (platform === 'linux' && glibc === undefined) {
      const fix = 'use an image with glibc, such as node:20-bookworm-slim; ONNX Runtime does not load on Alpine.';
      all.push({ state: 'wrong', text: 'the C library is not glibc', fix });
    }
    return all;
  },

  npm({ version, ignoreScripts, runtimeInstall }) {
    if (version === undefined) return [{ state: 'ok', text: 'there is no npm here; a server that is installed needs none' }];
    const all: Omit<Finding, 'topic'>[] = [{ state: 'ok', text: `npm ${version}` }];
    if (runtimeInstall === undefined && !ignoreScripts) {
      const text =
        '`npm install` here would let onnxruntime-node download CUDA libraries on 64-bit Linux, and would fail where that download is refused';
      all.push({ state: 'hint', text, fix: 'write `onnxruntime-node-install=skip` into .npmrc; CUDA is better got as a step of its own.' });
    }
    if (ignoreScripts) {
      const text = 'npm runs no install scripts (ignore-scripts): Copydesk needs none; CUDA and TensorFlow do';
      all.push({ state: 'ok', text });
    }
    return all;
  },

  runtime(runtime) {
    if (runtime.loads) return [{ state: 'ok', text: `ONNX Runtime ${runtime.version}, built for ${runtime.providers.join(', ')}` }];
    const fix = 'run `npm ci` again on this machine: node_modules copied from another system holds the library of that system.';
    return [{ state: 'wrong', text: `ONNX Runtime does not load: ${runtime.reason}`, fix }];
  },

  cpu({ model, cores, allowed, flags, probe }) {
    const all: Omit<Finding, 'topic'>[] = [];
    const limit = allowed !== undefined && allowed < cores ? `, of which this container may use ${round(allowed)}` : '';
    all.push({ state: 'ok', text: `${cores} core${cores === 1 ? '' : 's'}${limit} (${model})` });
    if (allowed !== undefined && allowed < 1) {
      const text = `less than one core is allowed (${round(allowed)}): answers wait while the container is held back`;
      all.push({ state: 'hint', text, fix: 'give it at least one core.' });
    }
    if (flags.length > 0) all.push(vectors(flags));
    if (probe.works) all.push({ state: 'ok', text: `the CPU answers ${speed(probe)} on one core` });
    else {
      const fix = 'run `copydesk verify` on the model; if it is whole, this is a fault of Copydesk or of ONNX Runtime.';
      all.push({ state: 'wrong', text: `a model does not run on the CPU: ${probe.reason}`, fix });
    }
    return all;
  },

  memory({ total, free, allowed }) {
    const most = Math.min(total, allowed ?? total);
    const text = `${gib(most)} of memory${allowed !== undefined && allowed < total ? ' (the limit of the container)' : ''}, ${gib(Math.min(free, most))} free`;
    if (most >= 1.5 * 2 ** 30) return [{ state: 'ok', text }];
    const fix = 'give it 1.5 GiB, or start fewer workers (--workers 1): each has its own copy of every model.';
    return [{ state: 'hint', text: `${text}: little for a server`, fix }];
  },

  cuda: cudaFindings,

  webgpu({ probe }, { cpu, cuda }) {
    if (!probe.works) {
      if (cuda?.probe?.works && cuda.probe.provider === 'cuda') return [{ state: 'absent', text: 'no WebGPU; not needed beside CUDA' }];
      const fix =
        "on Linux it needs libvulkan1 and the Vulkan driver of a graphics card (mesa-vulkan-drivers, or NVIDIA's own); then `copydesk serve --providers webgpu,cpu`, `copydesk train --device webgpu`.";
      return [{ state: 'absent', text: `no WebGPU: ${probe.reason}`, fix }];
    }
    if (probe.provider !== 'webgpu') return [{ state: 'absent', text: `WebGPU opens a model, and then computes it on ${probe.provider}` }];
    const text = `WebGPU answers ${speed(probe)}${share(probe, 'webgpu')}`;
    if (cpu?.probe.works && probe.textsPerSecond < cpu.probe.textsPerSecond) {
      const fix = 'leave it off; the graphics card is slow at models of this size, or none at all: a software driver passes for one.';
      return [{ state: 'hint', text: `${text}: slower than one core`, fix }];
    }
    return [{ state: 'ok', text, fix: 'use it with `copydesk serve --providers webgpu,cpu`, and to train with `--device webgpu`.' }];
  },

  tensorflow: tensorflowFindings,

  disk({ here, temporary }) {
    const all: Omit<Finding, 'topic'>[] = [];
    if (here < 2 ** 30)
      all.push({
        state: 'hint',
        text: `${gib(here)} of disk free here: a training run keeps checkpoints`,
        fix: 'make room, or train with --run on another disk.',
      });
    else all.push({ state: 'ok', text: `${gib(here)} of disk free here` });
    if (temporary === undefined) {
      const text = 'nothing can be written to the folder for temporary files: which provider computes is then believed, not watched';
      all.push({ state: 'hint', text, fix: 'let TMPDIR name a folder that can be written to; in a read-only container, a tmpfs.' });
    }
    return all;
  },

  models(models) {
    if (models.length === 0)
      return [
        { state: 'hint', text: 'no model came with this installation', fix: 'train and export one, and serve it with --models DIR.' },
      ];
    const whole = models.flatMap(({ name, problem }) => (name !== undefined && problem === undefined ? [name] : []));
    return [
      ...(whole.length > 0 ? [{ state: 'ok' as const, text: `models that came with it are whole: ${whole.join(', ')}` }] : []),
      ...models.flatMap(({ folder, problem, fix }) =>
        problem === undefined ? [] : [{ state: 'wrong' as const, text: `${folder}: ${problem}`, fix: fix ?? 'install Copydesk again.' }],
      ),
    ];
  },

  port({ number, problem }) {
    if (problem === undefined) return [{ state: 'ok', text: `port ${number} is free` }];
    return [
      { state: 'hint', text: `port ${number} cannot be had: ${problem}`, fix: 'name another with --port, or end what listens there.' },
    ];
  },

  clock({ now, notBefore }) {
    if (notBefore === undefined || now >= notBefore) return [{ state: 'ok', text: `it is ${now} here` }];
    const fix = 'set the clock (timedatectl set-ntp true); quotas begin with days, and TLS certificates have dates.';
    return [{ state: 'wrong', text: `the clock says ${now}, before the models were made (${notBefore})`, fix }];
  },
};

const topics = Object.keys(judges) as readonly (keyof MachineFacts)[];

function vectors(flags: readonly string[]): Omit<Finding, 'topic'> {
  const has = (name: string): boolean => flags.includes(name);
  const names = Object.entries(instructions).flatMap(([flag, name]) => (has(flag) ? [name] : []));
  if (has('avx512_vnni') || has('avx_vnni')) return { state: 'ok', text: `${names.join(', ')}: int8 models gain most here` };
  if (has('avx2') || has('asimddp')) return { state: 'ok', text: `${names.join(', ')}; without VNNI int8 models gain less` };
  if (has('asimd')) return { state: 'ok', text: names.join(', ') };
  const fix =
    'expect a few times less speed; a machine of the last ten years has AVX2, though a virtual one may hide it (CPU type "host").';
  return { state: 'hint', text: 'the processor has no AVX2', fix };
}

const instructions = {
  avx2: 'AVX2',
  avx512f: 'AVX-512',
  avx512_vnni: 'VNNI',
  avx_vnni: 'VNNI',
  amx_int8: 'AMX',
  asimd: 'NEON',
  asimddp: 'dot products',
} as const;

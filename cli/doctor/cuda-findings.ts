/** @file CUDA: the card and its driver, the provider library of ONNX Runtime, and the libraries that that wants, one after another. */
import { type Judge, share, speed } from './finding.js';

export const cudaFindings: Judge<'cuda'> = ({ driver, cards, provider, libraries, probe }, { node }) => {
  if (node && (node.platform !== 'linux' || node.arch !== 'x64'))
    return [{ state: 'absent', text: 'no CUDA: ONNX Runtime for Node has it on 64-bit Intel and AMD Linux only' }];
  if (probe?.works && probe.provider === 'cuda') {
    const text = `CUDA answers ${speed(probe)} on ${cards.join(', ') || 'the card'}${share(probe, 'cuda')}`;
    return [{ state: 'ok', text, fix: 'use it with `copydesk serve --providers cuda,cpu`.' }];
  }
  if (driver === undefined) {
    const fix =
      'without an NVIDIA card there is nothing to do. With one: install its driver, and in a container pass the card in (`docker run --gpus all`); `nvidia-smi` must list it.';
    return [{ state: 'absent', text: 'no CUDA: no NVIDIA driver answers', fix }];
  }
  const card = `${cards.join(', ') || 'an NVIDIA card'}, driver ${driver}`;
  if (provider === undefined) {
    return [{ state: 'hint', text: `${card}: not used, as ONNX Runtime's CUDA library is not installed`, fix: getProvider }];
  }
  const missing = libraries.filter(({ path }) => path === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    const text = `${card}: not used, as ONNX Runtime's CUDA library wants ${missing.join(', ')}, not found here`;
    return [{ state: 'hint', text, fix: getLibraries(missing) }];
  }
  const reason =
    probe === undefined ? 'it was not tried' : probe.works ? `the runtime computes on ${probe.provider} instead` : probe.reason;
  const fix =
    'all libraries are there; see that the driver is new enough for their version of CUDA (`nvidia-smi` shows the newest that it knows).';
  return [{ state: 'hint', text: `${card}: not used: ${reason}`, fix }];
};

const getProvider =
  'run `ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install` (CUDA 12). Where that download is refused, take ' +
  'libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so of the same version from the Python package onnxruntime-gpu (CUDA 13 from 1.30 on) ' +
  'and put them beside the libonnxruntime.so.1 of node_modules/onnxruntime-node. Then run the doctor again.';

function getLibraries(missing: readonly string[]): string {
  const major = missing.map((name) => /^libcu(?:dart|blas|blasLt)\.so\.(\d+)/.exec(name)?.[1]).find(Boolean);
  const toolkit = missing.some((name) => !name.startsWith('libcudnn'));
  const cudnn = missing.some((name) => name.startsWith('libcudnn'));
  const parts = [...(toolkit ? [`the CUDA ${major ?? ''} runtime`.replace('  ', ' ')] : []), ...(cudnn ? ['cuDNN 9'] : [])];
  return `install ${parts.join(' and ')} (NVIDIA's packages, or the Python wheels nvidia-*), and let LD_LIBRARY_PATH name the folders of their .so files.`;
}

/** @file The part of the WebAssembly JavaScript interface that kernels.ts uses: Node's own typings leave it to the DOM's. */
declare namespace WebAssembly {
  class Memory {
    constructor(options: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  function instantiate(bytes: Uint8Array, imports: Record<string, Record<string, unknown>>): Promise<{ instance: { exports: object } }>;
}

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{models,training,export,serving,cli,loadtest,test,examples}/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    isolate: false, // a worker loads a module once, not once for each file; so no test leaves anything behind in a module, a global or the environment
    maxWorkers: 3, // on two cores: a third of the time is waiting for servers, browsers and other processes
  },
});

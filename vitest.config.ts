import { defineConfig } from 'vitest/config';

/** One project a package. All run from source through the private export condition, so nothing needs building. */
const project = (name: string, root: string, environment: 'node' | 'happy-dom' = 'node') => ({
  resolve: { conditions: ['@voxproxy/source'] },
  ssr: { resolve: { conditions: ['@voxproxy/source'] } },
  test: {
    name,
    root,
    environment,
    isolate: false,
    include: ['**/*.test.{ts,tsx}'],
    exclude: ['dist/**', 'node_modules/**'],
  },
});

export default defineConfig({
  test: {
    projects: [
      project('server', 'packages/server'),
      project('client', 'packages/client'),
      project('react', 'packages/react', 'happy-dom'),
      project('e2e-local', 'e2e/local'),
      project('scripts', 'scripts'),
      project('bench', 'bench'),
    ],
  },
});

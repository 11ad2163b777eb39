import js from '@eslint/js';
import { createNodeResolver, flatConfigs } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.slipway/**', 'api/generated.ts', 'coverage/**', 'ingest/otlp.generated.*'] },
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  flatConfigs.typescript,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'scripts/*.mjs'] }, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.js'] } })] },
    plugins: { 'import-x': (await import('eslint-plugin-import-x')).default },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'import-x/no-cycle': 'error',
      'max-lines': ['warn', { max: 300 }],
    },
  },
  {
    files: ['core/**/*.ts'], ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': ['error', 'Date', 'process', 'fetch', 'Buffer', 'setTimeout', 'console'],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'A method that resamples takes a seed.' }],
      'no-restricted-syntax': ['error',
        { selector: ':function[async=true]', message: 'The core is synchronous.' },
        { selector: 'AwaitExpression', message: 'The core is synchronous.' }],
    },
  },
  {
    files: ['**/*.ts'], ignores: ['runtime/settings.ts', '**/*.test.ts', 'test/**', 'bench/**', 'scripts/**', 'examples/**', 'core/**'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: 'Settings are read once, in runtime/settings.ts.' }],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'node:http; fetch ignores the agent that refuses private addresses.' }],
    },
  },
  { files: ['**/*.test.ts', 'test/**', 'bench/**', '**/*.mjs', '*.js', '*.ts'], rules: { 'max-lines': 'off', '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/no-unsafe-member-access': 'off', '@typescript-eslint/no-unsafe-argument': 'off', '@typescript-eslint/no-unsafe-call': 'off', '@typescript-eslint/no-unsafe-return': 'off', '@typescript-eslint/require-await': 'off', '@typescript-eslint/unbound-method': 'off' } },
  { files: ['**/*.mjs', '*.js'], extends: [tseslint.configs.disableTypeChecked], languageOptions: { globals: { process: 'readonly', console: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly', URL: 'readonly', Buffer: 'readonly', performance: 'readonly' } } },
);

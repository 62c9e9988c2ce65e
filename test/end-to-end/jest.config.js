import everything from '../../jest.config.js';

/** The stories alone: `npm run test:end-to-end`. On MiniStack they are run by a test that is not among them. */
export default {
  ...everything,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/end-to-end/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/end-to-end/ministack'],
};

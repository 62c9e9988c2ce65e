process.env.POWERTOOLS_LOG_LEVEL = 'SILENT'; // what is logged is not under test

/** Tests run as the scripts do: native ES modules, with Node's own type stripping and nothing compiled. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  testTimeout: 300_000, // a hang ends; how long a test takes is not what it tests
  forceExit: true, // after thousands of requests in one process, Node takes minutes to let go of all that it holds in jest's contexts
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build'],
};

process.env.POWERTOOLS_LOG_LEVEL = 'SILENT'; // what is logged is not under test

/** Tests run as the scripts do: native ES modules, with Node's own type stripping and nothing compiled. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/cdk.out', '<rootDir>/build'],
};

/** Rules of AWS's groups that count and do not block, and why. Whatever is not here blocks. */

const bodies =
  'Bodies are XML, names that others chose, and logs that tell of attacks; our parsers are strict with them.';
const inPaths = 'A user name or an address that is asked for stands in the path, and may look like that.';
const inQueries = 'A user name, an address or a cursor stands in the query, and may look like that.';

export const onlyCounted = {
  // What sends from an address that AWS knows for attacks is refused, whatever it sends. It goes by who is connected:
  // behind CloudFront that is CloudFront, and callers are told apart before domain names and the bare address only.
  AWSManagedRulesAmazonIpReputationList: {},

  AWSManagedRulesKnownBadInputsRuleSet: {
    JavaDeserializationRCE_BODY: bodies,
    Log4JRCE_BODY: bodies,
    ReactJSRCE_BODY: bodies,
    Host_localhost_HEADER: 'Devices that reach the API through a tunnel name whatever host they were set up with.',
  },

  AWSManagedRulesCommonRuleSet: {
    NoUserAgent_HEADER: 'Devices post without one.',
    SizeRestrictions_BODY: 'It stops at 8 kB. A post has up to 2 MB, and a configuration 4 MB.',
    CrossSiteScripting_BODY: bodies,
    GenericLFI_BODY: bodies,
    GenericRFI_BODY: bodies,
    EC2MetaDataSSRF_BODY: bodies,
    SizeRestrictions_QUERYSTRING: inQueries,
    EC2MetaDataSSRF_QUERYARGUMENTS: inQueries,
    GenericRFI_QUERYARGUMENTS: inQueries,
    RestrictedExtensions_QUERYARGUMENTS: inQueries,
    EC2MetaDataSSRF_URIPATH: inPaths,
    RestrictedExtensions_URIPATH: inPaths,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

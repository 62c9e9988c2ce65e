/** `npm start`. Plain JavaScript, so that a Node that cannot read the rest can still say so. */
const oldest = 24;

if (Number(process.versions.node.split('.')[0]) < oldest) {
  console.error(
    `Postern needs Node ${oldest}; this is ${process.version}. On Linux and on Windows (x64), "npm ci" brings it and "npm start" uses it; elsewhere, install Node ${oldest} from nodejs.org.`,
  );
  process.exit(1);
}
await import('./start.ts');

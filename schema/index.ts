/** What GraphQL says. Made from the .graphql files of this folder by scripts/generate.ts, so that a built program needs no file beside it. */
export { typeDefs } from './typedefs.generated.js';

// Houdini, as docs/clients.md sets it up: what its generated client reads.
import { HoudiniClient } from "./.houdini/runtime/client";
import artifact from "./.houdini/artifacts/Guide";

const variables = { slug: "recruiting-backend-developers-in-belgium", locale: "fr" };
const { data, errors } = await new HoudiniClient().observe({ artifact }).send({ variables });
if (errors) throw new Error(JSON.stringify(errors));
process.stdout.write(JSON.stringify(data));
process.exit();

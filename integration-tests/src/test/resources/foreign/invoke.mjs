// Invokes an endpoint by the AWS SDK for JavaScript and prints what came of it in one line.
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";

const [endpoint, name, body] = process.argv.slice(2);
const client = new SageMakerRuntimeClient({ endpoint, maxAttempts: 1 });
try {
  const answer = await client.send(
    new InvokeEndpointCommand({ EndpointName: name, ContentType: "application/json", Body: body }),
  );
  console.log(`200 ${answer.InvokedProductionVariant} ${new TextDecoder().decode(answer.Body)}`);
} catch (error) {
  console.log(`${error.$metadata?.httpStatusCode} ${error.name} ${error.OriginalStatusCode ?? "-"}`);
}

package io.foretell.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.testing.BytesModel;
import io.foretell.testing.SageMakerSandbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that share no code with ours judge the sandbox: what they sign passes, and its errors are those they know. */
class ForeignClientTest {
    @ParameterizedTest
    @EnumSource
    void invoke_byAnotherLanguage_isUnderstood(ForeignClient client, @TempDir Path folder) throws Exception {
        String missing = client + " client skipped: its runtime is not here, or its package cannot be fetched";
        if (!client.installed()) {
            System.out.println(missing);
            Assumptions.abort(missing);
        }
        try (SageMakerSandbox sandbox = SageMakerSandbox.builder()
                .endpoint("echo", (BytesModel) input -> input)
                .endpoint("picky", (BytesModel) input -> {
                    throw new IllegalArgumentException("not to my taste");
                })
                .region("eu-west-1")
                .start()) {
            Map<String, String> environment = environment(sandbox, folder);
            String uri = sandbox.uri().toString();
            assertThat(client.invoke(environment, uri, "echo", "{\"inputs\": [1]}"))
                    .isEqualTo("200 AllTraffic {\"inputs\": [1]}");
            assertThat(client.invoke(environment, uri, "picky", "{}")).isEqualTo("424 ModelError 400");
            assertThat(client.invoke(environment, uri, "nowhere", "{}")).isEqualTo("400 ValidationError -");

            environment.put("AWS_SECRET_ACCESS_KEY", "wrong");
            assertThat(client.invoke(environment, uri, "echo", "{}")).isEqualTo("403 InvalidSignatureException -");
        }
    }

    /** All that an AWS client reads from its environment, so that nothing of the machine's own gets in. */
    private static Map<String, String> environment(SageMakerSandbox sandbox, Path folder) throws Exception {
        String ca = Files.writeString(
                        folder.resolve("ca.pem"), sandbox.certificates().caPem())
                .toString();
        String none = folder.resolve("none").toString();
        Map<String, String> environment = new HashMap<>();
        environment.put("AWS_ACCESS_KEY_ID", sandbox.accessKey());
        environment.put("AWS_SECRET_ACCESS_KEY", sandbox.secretKey());
        environment.put("AWS_SESSION_TOKEN", "");
        environment.put("AWS_REGION", sandbox.region());
        environment.put("AWS_DEFAULT_REGION", sandbox.region());
        environment.put("AWS_CONFIG_FILE", none);
        environment.put("AWS_SHARED_CREDENTIALS_FILE", none);
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("AWS_CA_BUNDLE", ca);
        environment.put("NODE_EXTRA_CA_CERTS", ca);
        environment.put("NO_PROXY", "127.0.0.1");
        environment.put("no_proxy", "127.0.0.1");
        return environment;
    }
}

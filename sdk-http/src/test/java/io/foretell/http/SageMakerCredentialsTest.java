package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.foretell.error.ErrorCategory;
import io.foretell.error.InferenceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/** Expired credentials are worth another attempt only where somebody else would sign it. */
@Timeout(60)
class SageMakerCredentialsTest {
    private static final AwsCredentials OLD = AwsSessionCredentials.create("AKIDSAME", "not-a-secret", "old-token");
    private static final AwsCredentials NEW = AwsSessionCredentials.create("AKIDSAME", "not-a-secret", "new-token");

    private static LoopbackServer server;

    private final RecordingContext context = new RecordingContext();

    /** Takes the new token only. */
    @BeforeAll
    static void start() throws IOException {
        server = new LoopbackServer((out, in) -> {
            String token = String.valueOf(server.requests.peek().headers().get("x-amz-security-token"));
            server.requests.clear();
            out.write((token.equals("new-token")
                            ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                            : "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n"
                                    + "x-amzn-errortype: ExpiredTokenException\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        });
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void send_expiredAndRotated_isWorthOneMoreTryWhichSucceeds() throws Exception {
        Rotating provider = new Rotating(OLD, NEW);
        try (SageMaker transport =
                Calls.builder(server.address()).credentials(provider).build()) {
            InferenceException error = Calls.failure(Calls.send(transport, context));

            assertThat(error.category()).isEqualTo(ErrorCategory.AUTH_EXPIRED);
            assertThat(error.maxRetries()).isEqualTo(1);
            assertThat(Calls.send(transport, context).get().payload()).isNotNull();
            assertThat(provider.threads).hasSize(3);
        }
    }

    @Test
    void send_expiredAndNotRotated_isNotWorthAnotherTry() {
        try (SageMaker transport = Calls.builder(server.address())
                .credentials(() -> AwsSessionCredentials.create("AKIDSAME", "not-a-secret", "old-token"))
                .build()) {
            InferenceException error = Calls.failure(Calls.send(transport, context));

            assertThat(error.category()).isEqualTo(ErrorCategory.AUTH_EXPIRED);
            assertThat(error.maxRetries()).isZero();
            assertThat(error).hasMessageContaining("no other credentials");
        }
    }

    @Test
    void send_expiredAndProviderFailing_isNotWorthAnotherTry() {
        try (SageMaker transport =
                Calls.builder(server.address()).credentials(new Rotating(OLD)).build()) {
            InferenceException error = Calls.failure(Calls.send(transport, context));

            assertThat(error.category()).isEqualTo(ErrorCategory.AUTH_EXPIRED);
            assertThat(error.maxRetries()).isZero();
        }
    }

    @Test
    void send_expiredAndProviderBlocking_holdsUpNoOther() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch rotated = new CountDownLatch(1);
        Rotating provider = new Rotating(OLD, NEW) {
            @Override
            public AwsCredentials resolveCredentials() {
                AwsCredentials given = super.resolveCredentials();
                if (threads.size() == 2) {
                    asked.countDown();
                    await(rotated);
                }
                return given;
            }
        };
        try (SageMaker transport =
                Calls.builder(server.address()).credentials(provider).build()) {
            CompletableFuture<?> expired = Calls.send(transport, context);
            asked.await();
            assertThat(provider.threads.get(1)).isEqualTo("foretell-credentials");

            // As many as there may be event loops: were one of them held up, some would not end.
            for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
                assertThat(Calls.send(transport, context).get()).isNotNull();
            }
            assertThat(expired).isNotDone();
            rotated.countDown();
            assertThat(expired).failsWithin(java.time.Duration.ofSeconds(30));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives one after the other, then the last for ever; a single one only once. Notes who asked. */
    private static class Rotating implements AwsCredentialsProvider {
        final List<String> threads = new CopyOnWriteArrayList<>();
        private final AwsCredentials[] given;

        Rotating(AwsCredentials... given) {
            this.given = given;
        }

        @Override
        public synchronized AwsCredentials resolveCredentials() {
            int turn = threads.size();
            threads.add(Thread.currentThread().getName());
            if (turn > 0 && given.length == 1) {
                throw new IllegalStateException("vault is shut");
            }
            return given[Math.min(turn, given.length - 1)];
        }
    }
}

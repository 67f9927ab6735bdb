package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

@Timeout(60)
class RenewalsTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch answer = new CountDownLatch(1);
    private final Renewals renewals = new Renewals((AwsCredentialsProvider) this::credentials);

    @AfterEach
    void close() {
        renewals.close();
    }

    @Test
    void ask_whileTheProviderIsAsked_sharesItsAnswer() {
        CompletableFuture<AwsCredentialsIdentity> first = renewals.ask();
        CompletableFuture<AwsCredentialsIdentity> second = renewals.ask();
        answer.countDown();

        assertThat(first.join()).isSameAs(second.join());
        assertThat(asked).hasValue(1);
    }

    @Test
    void ask_afterAnAnswer_asksAnew() {
        answer.countDown();

        renewals.ask().join();
        renewals.ask().join();

        assertThat(asked).hasValue(2);
    }

    @Test
    void ask_afterClose_fails() {
        renewals.close();

        for (int i = 0; i < 2; i++) {
            assertThat(renewals.ask().handle((identity, fault) -> fault).join())
                    .isInstanceOf(RejectedExecutionException.class);
        }
    }

    private AwsCredentials credentials() {
        asked.incrementAndGet();
        try {
            answer.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return AwsBasicCredentials.create("AKIDSAME", "not-a-secret");
    }
}

package io.foretell.http;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;

/** Asks a provider once more, on a thread of its own since it may block; once for all who want to know meanwhile. */
final class Renewals {
    /** For how long the thread stays without work. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final IdentityProvider<? extends AwsCredentialsIdentity> provider;
    private final ThreadPoolExecutor executor = executor();
    private final AtomicReference<@Nullable CompletableFuture<AwsCredentialsIdentity>> running =
            new AtomicReference<>();

    Renewals(IdentityProvider<? extends AwsCredentialsIdentity> provider) {
        this.provider = provider;
    }

    /** One thread, there only while it has work. */
    private static ThreadPoolExecutor executor() {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, IDLE.toNanos(), TimeUnit.NANOSECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "foretell-credentials");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Whom the provider gives by now. Fails where it does, or after {@link #close}. */
    CompletableFuture<AwsCredentialsIdentity> ask() {
        CompletableFuture<AwsCredentialsIdentity> own = new CompletableFuture<>();
        CompletableFuture<AwsCredentialsIdentity> other = running.compareAndExchange(null, own);
        if (other != null) {
            return other;
        }
        try {
            CompletableFuture.supplyAsync(provider::resolveIdentity, executor)
                    .thenCompose(identity -> identity)
                    .whenComplete((identity, fault) -> end(own, identity, fault));
        } catch (Throwable refused) { // closed, or no thread to be had
            end(own, null, refused);
        }
        return own;
    }

    /** Makes room first: who asks because of this answer asks anew. */
    private void end(
            CompletableFuture<AwsCredentialsIdentity> own,
            @Nullable AwsCredentialsIdentity identity,
            @Nullable Throwable fault) {
        running.set(null);
        if (identity == null) {
            own.completeExceptionally(fault == null ? new IllegalStateException("no credentials") : fault);
        } else {
            own.complete(identity);
        }
    }

    /** What was asked before is still answered: exchanges wait for it. */
    void close() {
        executor.shutdown();
    }
}

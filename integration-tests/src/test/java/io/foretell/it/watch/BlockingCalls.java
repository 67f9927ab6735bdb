package io.foretell.it.watch;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import reactor.blockhound.BlockHound;

/**
 * BlockHound for the whole JVM. Threads that serve every call must never block: a predictor's timer, and the event loops
 * and timers of the AWS SDK, of gRPC and of the sandboxes. Callback threads may, they run users' code.
 */
final class BlockingCalls {
    private static final List<String> EVENT_LOOPS = List.of(
            "aws-java-sdk-NettyEventLoop",
            "foretell-http",
            "grpc-nio-worker-ELG",
            "grpc-nio-boss-ELG",
            "grpc-default-worker-ELG",
            "grpc-default-boss-ELG",
            "grpc-timer",
            "foretell-sagemaker-io");

    private static final Queue<String> WATCHED = new ConcurrentLinkedQueue<>();
    private static final Queue<Violation> FOUND = new ConcurrentLinkedQueue<>();

    /** A thread that must not block did, or would have. */
    record Violation(String thread, String method, List<StackTraceElement> stack) {
        @Override
        public String toString() {
            return thread + " called " + method
                    + stack.stream().map(frame -> "\n    at " + frame).collect(Collectors.joining());
        }
    }

    private BlockingCalls() {}

    /** From now on, for threads not yet started too. A second time it does nothing. */
    static void watch() {
        BlockHound.Builder builder = BlockHound.builder().loadIntegrations();
        allow(builder);
        builder.nonBlockingThreadPredicate(theirs -> BlockingCalls::mustNotBlock)
                .blockingMethodCallback(method -> FOUND.add(new Violation(
                        Thread.currentThread().getName(), method.toString(), List.of(new Throwable().getStackTrace()))))
                .install();
    }

    /**
     * What cannot be avoided. The two Nettys bring lists of their own, as BlockHound's integrations: locks of their
     * buffer pools, the handshakes of the JDK's TLS, the quiet time of a loop that ends.
     */
    private static void allow(BlockHound.Builder builder) {
        String pool = "java.util.concurrent.ThreadPoolExecutor";
        String timers = "java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue";
        // Waiting for the next timer is what the timer's thread is for; it ends under the pool's lock.
        builder.allowBlockingCallsInside(pool, "getTask").allowBlockingCallsInside(pool, "processWorkerExit");
        // Locks that are held for a few steps: handing work to the callback threads, setting and clearing timers.
        builder.allowBlockingCallsInside(pool, "addWorker")
                .allowBlockingCallsInside(pool, "execute") // one that is shut down meanwhile takes the task back
                .allowBlockingCallsInside(pool, "tryTerminate") // an answer that comes while a predictor closes
                .allowBlockingCallsInside("java.util.concurrent.LinkedBlockingQueue", "offer")
                .allowBlockingCallsInside(timers, "offer")
                .allowBlockingCallsInside(timers, "remove");
        // Reads /dev/urandom, for TLS.
        builder.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes");
        // gRPC's TLS is BoringSSL, which asks the JDK about certificates; that reads its files at the first.
        builder.allowBlockingCallsInside(
                "io.grpc.netty.shaded.io.netty.internal.tcnative.CertificateVerifierTask", "runTask");
    }

    /** Asked once for each thread, where BlockHound has to be told; so nothing here may be what BlockHound watches. */
    private static boolean mustNotBlock(Thread thread) {
        String name = thread.getName();
        boolean watched = name.startsWith("foretell-") && name.endsWith("-timer") || isEventLoop(name);
        if (watched) {
            WATCHED.add(name);
        }
        return watched;
    }

    private static boolean isEventLoop(String name) {
        for (String prefix : EVENT_LOOPS) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    /** How many threads were watched, by kind. A kind that is missing here has been renamed. */
    static Map<String, Long> watchedThreads() {
        Map<String, Long> kinds = new TreeMap<>();
        for (String kind : List.of("foretell-timer", "aws-java-sdk-NettyEventLoop", "grpc", "foretell-sagemaker-io")) {
            kinds.put(kind, WATCHED.stream().filter(name -> isOf(kind, name)).count());
        }
        return kinds;
    }

    private static boolean isOf(String kind, String name) {
        return kind.equals("foretell-timer") ? name.endsWith("-timer") : name.startsWith(kind);
    }

    static List<Violation> found() {
        return List.copyOf(FOUND);
    }

    /** Takes out what a test did on purpose, so that the run is not blamed for it. */
    static List<Violation> forgive(String thread) {
        List<Violation> meant =
                FOUND.stream().filter(each -> each.thread().equals(thread)).toList();
        FOUND.removeAll(meant);
        return meant;
    }
}

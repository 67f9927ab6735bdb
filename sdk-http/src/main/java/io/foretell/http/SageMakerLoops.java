package io.foretell.http;

import io.netty.channel.EventLoop;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops of one transport. What one of them asks for, a connection or the promise of one, another provides. On
 * the same loop a connection may fail before the AWS SDK's pool listens for that; the pool then never tells, and the call
 * ends by the pool's time-out of 10 s. See docs/decisions/0006.
 */
final class SageMakerLoops extends NioEventLoopGroup {
    private static final int LOOPS = Math.max(2, Runtime.getRuntime().availableProcessors() * 2);
    private static final long QUIET_MILLIS = 200;

    SageMakerLoops() {
        super(LOOPS, new DefaultThreadFactory("foretell-http", true));
    }

    @Override
    public EventLoop next() {
        EventLoop loop = super.next();
        while (loop.inEventLoop()) {
            loop = super.next();
        }
        return loop;
    }

    /** Does not wait for its threads, which go on for a moment: the SDK has still something to say to itself. */
    void close() {
        shutdownGracefully(QUIET_MILLIS, 10 * QUIET_MILLIS, TimeUnit.MILLISECONDS);
    }
}

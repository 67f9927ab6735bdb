package io.foretell.http;

import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Passes on at most so many bytes, or none where the answer is refused unread; then ends the exchange and fails. */
final class BoundedBody implements Publisher<ByteBuffer> {
    private final Publisher<ByteBuffer> body;
    private final @Nullable Throwable refusal;
    private final long limit;
    private final LongFunction<Throwable> tooLarge;

    /**
     * Wraps a body.
     *
     * @param refusal why none of it is to be read; null to read it
     * @param tooLarge makes the failure from the bytes seen
     */
    BoundedBody(Publisher<ByteBuffer> body, @Nullable Throwable refusal, long limit, LongFunction<Throwable> tooLarge) {
        this.body = body;
        this.refusal = refusal;
        this.limit = limit;
        this.tooLarge = tooLarge;
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
        body.subscribe(new Counter(subscriber));
    }

    /** Called by one thread at a time, as the protocol of publishers has it. */
    private final class Counter implements Subscriber<ByteBuffer> {
        private final Subscriber<? super ByteBuffer> next;
        private Subscription upstream = new Ended();
        private long seen;
        private boolean ended;

        Counter(Subscriber<? super ByteBuffer> next) {
            this.next = next;
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            next.onSubscribe(subscription);
            if (refusal != null) {
                end(refusal);
            }
        }

        @Override
        public void onNext(ByteBuffer part) {
            if (ended) {
                return;
            }
            seen += part.remaining();
            if (seen > limit) {
                end(tooLarge.apply(seen));
            } else {
                next.onNext(part);
            }
        }

        private void end(Throwable fault) {
            if (!ended) {
                ended = true;
                upstream.cancel();
                next.onError(fault);
            }
        }

        @Override
        public void onError(Throwable fault) {
            if (!ended) {
                ended = true;
                next.onError(fault);
            }
        }

        @Override
        public void onComplete() {
            if (!ended) {
                ended = true;
                next.onComplete();
            }
        }
    }

    private static final class Ended implements Subscription {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }
}

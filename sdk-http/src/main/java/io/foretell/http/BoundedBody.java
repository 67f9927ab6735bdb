package io.foretell.http;

import java.nio.ByteBuffer;
import java.util.function.LongFunction;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** Passes on at most so many bytes; then ends the exchange and fails. */
final class BoundedBody implements Publisher<ByteBuffer> {
    private final Publisher<ByteBuffer> body;
    private final long announced;
    private final long limit;
    private final LongFunction<Throwable> tooLarge;

    /**
     * Wraps a body.
     *
     * @param announced the length that the server announced; less than 0 if none
     * @param tooLarge makes the failure from the bytes announced or seen
     */
    BoundedBody(Publisher<ByteBuffer> body, long announced, long limit, LongFunction<Throwable> tooLarge) {
        this.body = body;
        this.announced = announced;
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
            if (announced > limit) {
                end(announced);
            }
        }

        @Override
        public void onNext(ByteBuffer part) {
            if (ended) {
                return;
            }
            seen += part.remaining();
            if (seen > limit) {
                end(seen);
            } else {
                next.onNext(part);
            }
        }

        private void end(long bytes) {
            if (!ended) {
                ended = true;
                upstream.cancel();
                next.onError(tooLarge.apply(bytes));
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

package io.foretell.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a server asks to wait before another attempt. */
final class Pushback {
    private static final Metadata.Key<String> MILLIS =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final Duration NEVER = Duration.ofMillis(-1);

    private Pushback() {}

    /** The wait, negative for never; null where the server does not say. gRPC's own trailer goes before the details. */
    static @Nullable Duration of(Status status, Metadata trailers) {
        String millis = trailers.get(MILLIS);
        return millis == null ? fromDetails(status, trailers) : fromTrailer(millis);
    }

    /** As gRFC A6 has it, what is no 32-bit number means never. */
    private static Duration fromTrailer(String millis) {
        try {
            int wait = Integer.parseInt(millis);
            return wait < 0 ? NEVER : Duration.ofMillis(wait);
        } catch (NumberFormatException malformed) {
            return NEVER;
        }
    }

    /** Details that cannot be read say nothing: they are an extra to a status that stands without them. */
    private static @Nullable Duration fromDetails(Status status, Metadata trailers) {
        try {
            for (Any detail :
                    StatusProto.fromStatusAndTrailers(status, trailers).getDetailsList()) {
                if (detail.is(RetryInfo.class)) {
                    return delay(detail.unpack(RetryInfo.class));
                }
            }
        } catch (IllegalArgumentException | InvalidProtocolBufferException malformed) {
            return null;
        }
        return null;
    }

    private static @Nullable Duration delay(RetryInfo info) {
        long seconds = info.getRetryDelay().getSeconds();
        int nanos = info.getRetryDelay().getNanos();
        if (!info.hasRetryDelay() || seconds < 0 || nanos < 0) {
            return null;
        }
        return Duration.ofSeconds(Math.min(seconds, Integer.MAX_VALUE), nanos); // fits in nanoseconds
    }
}

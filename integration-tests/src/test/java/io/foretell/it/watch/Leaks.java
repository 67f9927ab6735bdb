package io.foretell.it.watch;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps what the leak detectors of both Nettys, the AWS SDK's and gRPC's own, have logged. */
public final class Leaks extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private static final Queue<String> RECORDS = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
        RECORDS.add(event.getLoggerName() + ": " + event.getFormattedMessage());
    }

    static List<String> records() {
        return List.copyOf(RECORDS);
    }

    /** Takes out what a test leaked on purpose, so that the run is not blamed for it. */
    static boolean forgive(String mark) {
        return RECORDS.removeIf(record -> record.contains(mark));
    }
}

package io.foretell.it.security;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Everything that anyone logs, at every level, by SLF4J and by java.util.logging, until it is closed. */
final class LogCapture extends UnsynchronizedAppenderBase<ILoggingEvent> implements AutoCloseable {
    /** What was logged, by whom, with the stack trace if any; and whether at INFO or above. */
    record Line(String logger, boolean important, String text) {}

    private final Queue<Line> lines = new ConcurrentLinkedQueue<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level before = root.getLevel();
    private final java.util.logging.Logger julRoot = LogManager.getLogManager().getLogger("");
    private final java.util.logging.Level julBefore = julRoot.getLevel();
    private final Handler bridge = new SLF4JBridgeHandler();

    LogCapture() {
        setContext((LoggerContext) LoggerFactory.getILoggerFactory());
        start();
        root.addAppender(this);
        root.setLevel(Level.TRACE);
        julRoot.addHandler(bridge);
        julRoot.setLevel(java.util.logging.Level.ALL);
    }

    @Override
    protected void append(ILoggingEvent event) {
        IThrowableProxy thrown = event.getThrowableProxy();
        String text = event.getThreadName() + " " + event.getMDCPropertyMap() + " " + event.getFormattedMessage();
        lines.add(new Line(
                event.getLoggerName(),
                event.getLevel().isGreaterOrEqual(Level.INFO),
                thrown == null ? text : text + "\n" + ThrowableProxyUtil.asString(thrown)));
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        root.setLevel(before);
        root.detachAppender(this);
        julRoot.setLevel(julBefore);
        julRoot.removeHandler(bridge);
    }
}

package io.foretell.testing;

import java.util.concurrent.atomic.LongAdder;

/** What a proxy has seen and done. Thread-safe. */
final class ProxyCounters {
    final LongAdder connections = new LongAdder();
    final LongAdder resets = new LongAdder();
    final LongAdder requests = new LongAdder();
    final LongAdder bytesToServer = new LongAdder();
    final LongAdder bytesToClient = new LongAdder();
}

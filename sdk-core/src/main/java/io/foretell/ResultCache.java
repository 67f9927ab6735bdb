package io.foretell;

import io.foretell.time.Ticker;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what was used last, for a time. Thread-safe by one lock, held for one look into a map; of the user's code only the
 * {@code equals} of a key runs under it, and only where the hashes are the same.
 */
final class ResultCache<V> {
    private final int maxEntries;
    private final long liveNanos;
    private final Ticker ticker;
    private final Map<CallKey, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true); // the least used comes first

    private record Entry<V>(V value, long nanos) {}

    ResultCache(int maxEntries, Duration timeToLive, Ticker ticker) {
        if (maxEntries < 1) {
            throw new IllegalArgumentException("maxEntries < 1: " + maxEntries);
        }
        if (timeToLive.isNegative() || timeToLive.isZero()) {
            throw new IllegalArgumentException("timeToLive not positive: " + timeToLive);
        }
        this.maxEntries = maxEntries;
        this.liveNanos = TimeUnit.NANOSECONDS.convert(timeToLive);
        this.ticker = ticker;
    }

    @Nullable
    V get(CallKey key) {
        long now = ticker.nanos();
        synchronized (entries) {
            Entry<V> entry = entries.get(key);
            if (entry != null && now - entry.nanos >= liveNanos) {
                entries.remove(key);
                return null;
            }
            return entry == null ? null : entry.value;
        }
    }

    void put(CallKey key, V value) {
        Entry<V> entry = new Entry<>(value, ticker.nanos());
        synchronized (entries) {
            entries.put(key, entry);
            if (entries.size() > maxEntries) {
                Iterator<CallKey> oldest = entries.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
        }
    }

    void clear() {
        synchronized (entries) {
            entries.clear();
        }
    }

    int size() {
        synchronized (entries) {
            return entries.size();
        }
    }
}

package io.sluice.proxy.listener;

import java.util.concurrent.TimeUnit;

/** How fast one request body comes, while the proxy waits for it and not the other way round. */
final class BodyRate {
    private long bytes;
    private long awaitedNanos;

    void restart() {
        bytes = 0;
        awaitedNanos = 0;
    }

    void received(int more) {
        bytes += more;
    }

    /** The client could send for so much longer; returns whether that was too slow for the limits. */
    boolean isTooSlow(long nanos, ClientLimits limits) {
        awaitedNanos += nanos;
        long counted = awaitedNanos - limits.bodyGrace().toNanos();
        double seconds = (double) counted / TimeUnit.SECONDS.toNanos(1);
        return counted > 0 && (double) bytes < limits.minBodyBytesPerSecond() * seconds;
    }
}

package io.sluice.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Looks again and again, for what no server tells of by itself. */
public record Poll(LongSupplier nanoTime) {
    private static final long LOOK_AGAIN_MILLIS = 50;

    /** Whether {@code condition} came true within {@code limit}. Blocks; an interrupt ends it. */
    public boolean until(Duration limit, BooleanSupplier condition) {
        long start = nanoTime.getAsLong();
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            try {
                if (never.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS)
                        || nanoTime.getAsLong() - start > limit.toNanos()) {
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}

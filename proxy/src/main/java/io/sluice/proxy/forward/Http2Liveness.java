package io.sluice.proxy.forward;

import java.util.concurrent.TimeUnit;

/**
 * Whether the other end of a connection still lives: when it has been silent for a while, it is asked (RFC 9113 §6.7), and an answer is waited for.
 * Belongs to one event loop; all times are of one monotonic clock, in nanoseconds.
 */
final class Http2Liveness {
    /**
     * How often in a row the interval counts. Servers take it as abuse when they are asked again and again while nothing else happens; those of gRPC
     * allow two questions, and then one in five minutes.
     */
    private static final int QUICK_QUESTIONS = 2;

    private static final long LATER_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final long silenceNanos;
    private final long answerNanos;
    private long heardAt;
    private long askedAt;
    private boolean asking;
    private int questions;

    Http2Liveness(UpstreamSettings settings, long now) {
        this.silenceNanos = settings.pingInterval().isZero()
                ? Long.MAX_VALUE
                : settings.pingInterval().toNanos();
        this.answerNanos = settings.pingTimeout().toNanos();
        this.heardAt = now;
    }

    long heardAt() {
        return heardAt;
    }

    /** Something came that was no answer to a question. */
    void heard(long now) {
        heardAt = now;
        asking = false;
        questions = 0;
    }

    void answered(long now) {
        heardAt = now;
        asking = false;
    }

    /** Whether it is to be asked because it was silent for so long. */
    boolean isDue(long now) {
        return !asking && now - heardAt >= (questions < QUICK_QUESTIONS ? silenceNanos : laterNanos());
    }

    private long laterNanos() {
        return Math.max(silenceNanos, LATER_NANOS);
    }

    /** Whether something is to be sent to it that may not be lost, and this is a good moment to ask. */
    boolean isDoubtful(long now, long trustedNanos) {
        return !asking && silenceNanos < Long.MAX_VALUE && now - heardAt > trustedNanos;
    }

    void asked(long now) {
        askedAt = now;
        asking = true;
        questions++;
    }

    boolean isDead(long now) {
        return asking && now - askedAt >= answerNanos;
    }
}

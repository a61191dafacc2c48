package io.sluice.instance.receive;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * Limits of the receiving side, whatever a webhook allows itself.
 *
 * @param maxBodyBytes longest body
 * @param bodyTimeout in which a body has to be complete
 * @param maxInFlightBytes bodies in memory, of all requests together
 * @param dedupTtl how long a delivery id is remembered, where the webhook does not say
 * @param retryAfter what a sender is told that has to come again
 */
public record ReceiveSettings(
        long maxBodyBytes, Duration bodyTimeout, long maxInFlightBytes, Duration dedupTtl, Duration retryAfter) {
    private static final long MIB = 1024 * 1024;

    /** The largest body that any known sender has (GitHub). */
    private static final long MAX_BODY_BYTES = 25 * MIB;

    /** Providers wait 5 to 30 s for their answer; a body that takes longer than this will not be answered in time. */
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(10);

    private static final long MAX_IN_FLIGHT_BYTES = 64 * MIB;

    /** Covers proxies' retries and a day of redeliveries by hand. */
    private static final Duration DEDUP_TTL = Duration.ofHours(24);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    public static ReceiveSettings defaults() {
        return new ReceiveSettings(MAX_BODY_BYTES, BODY_TIMEOUT, MAX_IN_FLIGHT_BYTES, DEDUP_TTL, RETRY_AFTER);
    }

    /** Reads {@code max-body-bytes}, {@code body-timeout}, {@code max-in-flight-bytes}, {@code dedup-ttl} and {@code retry-after}. */
    public static ReceiveSettings read(SettingsReader reader) {
        return new ReceiveSettings(
                reader.bytes("max-body-bytes", MAX_BODY_BYTES, 1),
                reader.duration("body-timeout", BODY_TIMEOUT, Duration.ofMillis(1)),
                reader.bytes("max-in-flight-bytes", MAX_IN_FLIGHT_BYTES, 1),
                reader.duration("dedup-ttl", DEDUP_TTL, Duration.ZERO),
                reader.duration("retry-after", RETRY_AFTER, Duration.ofSeconds(1)));
    }
}
